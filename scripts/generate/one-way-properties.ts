// Whether a request can hold a readOnly property or an answer a writeOnly one, so that the two need different types.
import { elementsOf, follow, type Json, member, memberPlace, membersOf, type Place } from "./json-document.js";
import type { Content, Operation } from "./operation-model.js";

export function travelsOneWay(document: Json, operations: readonly Operation[]): boolean {
  const requests = operations.flatMap(({ body }) => schemasOf(body?.content ?? []));
  const answers = operations.flatMap((operation) => operation.answers.flatMap(({ content }) => schemasOf(content)));
  return (
    requests.some(reaches(document, "readOnly", new Set())) || answers.some(reaches(document, "writeOnly", new Set()))
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
