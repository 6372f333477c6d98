/** First line of every generated file. The same for every contract and machine: output is deterministic. */
export const header =
  "// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.\n";
