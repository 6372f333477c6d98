/**
 * References to a place inside a component or a path, and `$defs`: openapi-typescript writes the one as types that do not
 * exist, and the other as a property. So each such schema becomes a component of its own.
 */
import { follow, isObject, type JsonObject, member, memberPlace, type Place, resolve } from "./json-document.js";
import { walkDocument } from "./walk-document.js";

const COMPONENT = /^\/components\/[^/]+\/[^/]+$/;
const SCHEMA = /^\/components\/schemas\/|\/schema(?:\/|$)/;

/** Changes the document that it is given. */
export function flattenReferences(document: JsonObject): void {
  const components = ownObject(document, "components");
  const schemas = ownObject(components, "schemas");
  const names = new Map<string, string>();
  walkDocument(document, (place, isData) => {
    const reference = member(place.value, "$ref");
    if (isData || typeof reference !== "string" || !isObject(place.value)) return;
    const target = resolve(document, reference, place.pointer);
    if (COMPONENT.test(target.pointer)) return;
    if (SCHEMA.test(target.pointer)) {
      const name = names.get(target.pointer) ?? freeName(schemas, target);
      names.set(target.pointer, name);
      // A place holder until all are known: a schema may be inside another one.
      schemas[name] ??= {};
      place.value["$ref"] = `#/components/schemas/${name}`;
    } else {
      // A parameter, a response or the like, which holds no reference to itself.
      const end = follow(document, place);
      delete place.value["$ref"];
      Object.assign(place.value, structuredClone(end.value));
    }
  });
  for (const [pointer, name] of names) {
    schemas[name] = structuredClone(resolve(document, `#${encodeURI(pointer)}`, pointer).value);
  }
  walkDocument(document, (place, isData) => {
    if (!isData && isObject(place.value) && isObject(memberPlace(place, "$defs")?.value)) delete place.value["$defs"];
  });
}

function ownObject(owner: JsonObject, name: string): JsonObject {
  const found = owner[name];
  const own = isObject(found) ? found : {};
  owner[name] = own;
  return own;
}

function freeName(schemas: JsonObject, { pointer }: Place): string {
  const last = pointer.split("/").at(-1) ?? "";
  let name = last.replaceAll(/[^\w.-]/g, "") || "schema";
  while (Object.hasOwn(schemas, name)) name += "_";
  return name;
}
