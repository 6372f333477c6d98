// generated/schema.ts: the contract's types, written by openapi-typescript.
import openapiTS, { astToString } from "openapi-typescript";
import { ContractError } from "./contract-error.js";
import { writeMappingsAsReferences } from "./discriminator-mapping.js";
import { header } from "./header.js";
import type { JsonObject } from "./json-document.js";

/** @throws {ContractError} for what openapi-typescript refuses, with the place where it names one */
export async function writeSchema(document: JsonObject, readWriteMarkers: boolean): Promise<string> {
  const copy = structuredClone(document);
  writeMappingsAsReferences(copy);
  try {
    // The type of the parameter describes valid documents only.
    const nodes = await openapiTS(copy as never, {
      silent: true,
      // A member with a default may still be left out of a request, and no answer promises it.
      defaultNonNullable: false,
      readWriteMarkers,
    });
    return `${header}\n${astToString(nodes)}`;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, what = message, pointer = ""] = /^([\s\S]*) at #(\/\S*)$/.exec(message) ?? [];
    throw new ContractError(pointer, `openapi-typescript cannot write the types: ${what}`, { cause });
  }
}
