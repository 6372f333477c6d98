/**
 * The readOnly properties that a request could hold and the writeOnly ones that a response could: types differ by them.
 */
import { discriminatedBranches } from "./discriminators.js";
import { isObject, type Place } from "./json-document.js";
import { type Operation, operationPlaces, pathItemsOf } from "./operation-model.js";
import { alternativesOf, partsOf, reached } from "./walk-document.js";

/** Marks a readOnly property that no request could hold: `readonly` says it, which openapi-typescript drops beside markers. */
export const READ_ALONE = "x-read-alone";

export class OneWayProperties {
  /** Pointers of properties, each with the keyword. */
  readonly #properties = new Map<string, "readOnly" | "writeOnly">();

  constructor(document: Place, operations: readonly Operation[]) {
    const requests = operations.flatMap(({ body }) => body?.content ?? []).flatMap(({ schema }) => schema ?? []);
    const responses = pathItemsOf(document)
      .flatMap(operationPlaces)
      .flatMap((operation) => operation.members("responses"))
      .flatMap((response) => response.target.members("content"))
      .flatMap((mediaType) => mediaType.at("schema") ?? []);
    this.#add("readOnly", requests);
    this.#add("writeOnly", responses);
  }

  get exist(): boolean {
    return this.#properties.size > 0;
  }

  /** Whether a value of the schema can have one. */
  areIn(schema: Place): boolean {
    return this.exist && schemasIn([schema]).some(({ pointer }) => this.#properties.has(pointer));
  }

  /** Leaves the keywords where they matter: everywhere else, a marker would be in the way of whoever reads a value. */
  mark({ value, pointer }: Place): void {
    if (!this.exist || !isObject(value)) return;
    if (value["readOnly"] === true && !this.#properties.has(pointer)) value[READ_ALONE] = true;
    for (const keyword of ["readOnly", "writeOnly"]) if (value[keyword] === true) delete value[keyword];
    const keyword = this.#properties.get(pointer);
    if (keyword !== undefined) value[keyword] = true;
  }

  #add(keyword: "readOnly" | "writeOnly", roots: readonly Place[]): void {
    for (const place of schemasIn(roots)) {
      const isMarked = place.flag(keyword) || place.target.flag(keyword);
      if (isMarked && /\/properties\/[^/]+$/.test(place.pointer)) this.#properties.set(place.pointer, keyword);
    }
  }
}

/** Every schema in these schemas, references and what they lead to alike. */
function schemasIn(roots: readonly Place[]): Place[] {
  const branchesOf = (target: Place) => discriminatedBranches(target).map(({ schema }) => schema);
  return reached(roots, (target) => [...alternativesOf(target), ...partsOf(target), ...branchesOf(target)]);
}
