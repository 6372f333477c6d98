// Visits every object of a contract that means something to OpenAPI, so that a fault is reported where it stands.
import { elementsOf, type Json, membersOf, type Place } from "./json-document.js";

/** Members that hold a map from names to further objects: their keys are names, not keywords. */
const maps = new Set([
  "callbacks",
  "content",
  "encoding",
  "examples",
  "headers",
  "links",
  "parameters",
  "paths",
  "properties",
  "requestBodies",
  "responses",
  "schemas",
  "securitySchemes",
  "variables",
]);

/** Members that hold data, in which words such as `pattern` mean nothing. */
const data = new Set(["default", "enum", "example", "value"]);

/** What `walkDocument` calls for each object and array, with whether it is data or a specification extension. */
export type Visit = (place: Place, isData: boolean) => void;

/** Visits the document and all that is in it, in document order. */
export function walkDocument(document: Json, visit: Visit): void {
  walk({ value: document, pointer: "" }, false, visit);
}

function walk(place: Place, isData: boolean, visit: Visit): void {
  visit(place, isData);
  for (const element of elementsOf(place)) walk(element, isData, visit);
  for (const { name, place: child } of membersOf(place)) {
    if (maps.has(name) && !isData && !Array.isArray(child.value)) {
      for (const entry of membersOf(child)) walk(entry.place, false, visit);
    } else {
      walk(child, isData || data.has(name) || name.startsWith("x-"), visit);
    }
  }
}
