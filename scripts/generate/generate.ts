/**
 * From a contract to the text of every generated file.
 */
import type { JsonObject } from "./json-document.js";
import { operationsOf } from "./operation-model.js";
import { writeClient } from "./write-client.js";
import { writeOperations } from "./write-operations.js";
import { travelsOneWay, writeSchema } from "./write-schema.js";
import { VALIDATOR_TYPES, writeValidators } from "./write-validators.js";

/**
 * The generated files by name. The same contract always gives the same text.
 * @param document what `readContract` returns
 * @throws {ContractError} for what the generator cannot do, at the first such place
 */
export async function generate(document: JsonObject): Promise<Map<string, string>> {
  const operations = operationsOf(document);
  const readWriteMarkers = travelsOneWay(document, operations);
  return new Map([
    ["schema.ts", await writeSchema(document, readWriteMarkers)],
    ["operations.ts", writeOperations(document, operations)],
    ["validators.js", await writeValidators(document, operations)],
    ["validators.d.ts", VALIDATOR_TYPES],
    ["client.ts", writeClient(document, operations, readWriteMarkers)],
  ]);
}
