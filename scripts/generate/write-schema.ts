/**
 * generated/schema.ts: the contract's types, written by openapi-typescript.
 */
import openapiTS, { astToString } from "openapi-typescript";
import { writeMappingsAsReferences } from "./discriminator-mapping.js";
import {
  ContractError,
  elementsOf,
  follow,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
} from "./json-document.js";
import type { Content, Operation } from "./operation-model.js";
import { HEADER } from "./typescript-text.js";

/** @throws {ContractError} for what openapi-typescript refuses, with the place if it names one */
export async function writeSchema(document: JsonObject, readWriteMarkers: boolean): Promise<string> {
  const copy = structuredClone(document);
  writeMappingsAsReferences(copy);
  try {
    // The type of the parameter describes valid documents only.
    const nodes = await openapiTS(copy as never, {
      silent: true,
      // A member with a default may still be left out of a request, and no response promises it.
      defaultNonNullable: false,
      readWriteMarkers,
    });
    return `${HEADER}\n${astToString(nodes)}`;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, what = message, pointer = ""] = /^([\s\S]*) at #(\/\S*)$/.exec(message) ?? [];
    throw new ContractError(pointer, `openapi-typescript cannot write the types: ${what}`, { cause });
  }
}

export function travelsOneWay(document: Json, operations: readonly Operation[]): boolean {
  const requests = operations.flatMap(({ body }) => schemasOf(body?.content ?? []));
  const responses = operations.flatMap((operation) => operation.responses.flatMap(({ content }) => schemasOf(content)));
  return (
    requests.some(reaches(document, "readOnly", new Set())) || responses.some(reaches(document, "writeOnly", new Set()))
  );
}

function schemasOf(content: readonly Content[]): Place[] {
  return content.flatMap(({ schema }) => schema ?? []);
}

/** Looks through a schema and all that it refers to, each once. */
function reaches(document: Json, keyword: string, seen: Set<string>): (place: Place) => boolean {
  const look = (place: Place): boolean => {
    const target = follow(document, place);
    if (seen.has(target.pointer)) return false;
    seen.add(target.pointer);
    return member(target.value, keyword) === true || subschemasOf(target).some(look);
  };
  return look;
}

function subschemasOf(place: Place): Place[] {
  const properties = memberPlace(place, "properties");
  return [
    ...(properties === undefined ? [] : membersOf(properties).map((property) => property.place)),
    ...["additionalProperties", "items", "not"].flatMap((keyword) => memberPlace(place, keyword) ?? []),
    ...["allOf", "oneOf", "anyOf"].flatMap((keyword) => {
      const children = memberPlace(place, keyword);
      return children === undefined ? [] : elementsOf(children);
    }),
  ];
}
