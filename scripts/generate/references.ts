// Finds every reference of the contract, so that one that leads nowhere is reported where it stands.
import { elementsOf, follow, type Json, membersOf, type Place } from "./json-document.js";

/** Members that hold a map from names to further objects: their keys are names, not keywords. */
const maps = new Set(
  (
    "callbacks content encoding examples headers links parameters paths properties requestBodies responses schemas " +
    "scopes securitySchemes variables"
  ).split(" "),
);
/** Members that hold data, in which `$ref` is an ordinary word. */
const data = new Set(["default", "enum", "example", "value"]);

/** Follows every reference of the document. @throws {ContractError} for the first one that cannot be followed. */
export function checkReferences(document: Json): void {
  checkObject(document, { value: document, pointer: "" });
}

function checkObject(document: Json, place: Place): void {
  follow(document, place);
  for (const element of elementsOf(place)) checkObject(document, element);
  for (const { name, place: child } of membersOf(place)) {
    if (data.has(name) || name.startsWith("x-")) continue;
    if (!maps.has(name) || Array.isArray(child.value)) checkObject(document, child);
    else for (const entry of membersOf(child)) checkObject(document, entry.place);
  }
}
