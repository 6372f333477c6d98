/**
 * The values of a discriminator's mapping, which are references or, for short, names of schemas.
 */
import {
  isObject,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
  resolve,
  walkDocument,
} from "./json-document.js";

/** @throws {ContractError} at the first value that is neither the name of a schema nor a reference to one */
export function checkMapping(document: Json, schema: Place): void {
  for (const { place } of mappingOf(schema)) resolve(document, asReference(document, place.value), place.pointer);
}

/** Writes names as references, which is all that openapi-typescript reads. Changes the document that it is given. */
export function writeMappingsAsReferences(document: JsonObject): void {
  walkDocument(document, (schema, isData) => {
    if (isData) return;
    const mapping = member(member(schema.value, "discriminator"), "mapping");
    if (!isObject(mapping)) return;
    for (const [name, value] of Object.entries(mapping)) mapping[name] = asReference(document, value);
  });
}

function mappingOf(schema: Place): ReturnType<typeof membersOf> {
  const discriminator = memberPlace(schema, "discriminator");
  const mapping = discriminator && memberPlace(discriminator, "mapping");
  return mapping === undefined ? [] : membersOf(mapping);
}

function asReference(document: Json, value: Json): string {
  const name = String(value);
  const isName = member(member(member(document, "components"), "schemas"), name) !== undefined;
  return isName ? `#/components/schemas/${name}` : name;
}
