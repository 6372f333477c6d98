// generated/schema.ts: the contract's types, written by openapi-typescript.
import openapiTS, { astToString } from "openapi-typescript";
import { header } from "./header.js";
import type { JsonObject } from "./json-document.js";

export async function writeSchema(document: JsonObject, readWriteMarkers: boolean): Promise<string> {
  const nodes = await openapiTS(structuredClone(document) as never, {
    silent: true,
    // A member with a default may still be left out of a request, and no answer promises it.
    defaultNonNullable: false,
    readWriteMarkers,
  });
  return `${header}\n${astToString(nodes)}`;
}
