/**
 * References to places inside of components and paths: the types are those of what they lead to.
 */
import { expect, test } from "vitest";
import type { Json } from "./json-document.js";
import { contractText, operation, parameter } from "./testing/contracts.js";
import { generatedProject, generateFrom } from "./testing/generated-project.js";

const USAGE = `
import { createOperations, type RunOperation } from "./client.js";

declare const run: RunOperation<object>;
const client = createOperations(run);
const [pet] = await client.listPets({ limit: 5 });
pet satisfies { name: string } | undefined;
pet?.child?.child?.name satisfies string | undefined;
pet?.kind satisfies "cat" | undefined;
pet?.weight satisfies number | undefined;
pet?.chip?.code satisfies string | undefined;
pet?.chip?.owner?.chips?.[0]?.code satisfies string | undefined;
(await client.addPet({ limit: 5, body: { name: "Tom", chip: { code: "1" } } })) satisfies { name: string }[];
// @ts-expect-error the schema's definitions are no property of its values
pet?.["$defs"];
// @ts-expect-error a number
await client.listPets({ limit: "5" });
`;

const json = (schema: Json) => ({ "application/json": { schema } });
const PET = "#/paths/~1pets/get/responses/200/content/application~1json/schema/items";

test("types are written for references into paths, parameters, parts of schemas and $defs", async () => {
  const pet = {
    type: "object",
    required: ["name"],
    properties: {
      name: { type: "string" },
      child: { $ref: PET },
      kind: { $ref: "#/components/schemas/Animal/properties/kind" },
      weight: { $ref: "#/components/schemas/Sized/allOf/1/properties/weight" },
      chip: { $ref: "#/components/schemas/Animal/$defs/Chip" },
    },
  };
  const limit = parameter({ name: "limit", required: true, schema: { $ref: "#/components/parameters/count/schema" } });
  const responses = { "200": { description: "OK", content: json({ type: "array", items: pet }) } };
  const paths = {
    "/pets": { get: operation({ operationId: "listPets", parameters: [limit], responses }) },
    "/others": {
      post: operation({
        operationId: "addPet",
        parameters: [{ $ref: "#/paths/~1pets/get/parameters/0" }],
        requestBody: { required: true, content: json({ $ref: PET }) },
        responses: { "200": { $ref: "#/paths/~1pets/get/responses/200" } },
      }),
    },
  };
  const Chip = {
    type: "object",
    required: ["code"],
    properties: { code: { type: "string" }, owner: { $ref: "#/components/schemas/Animal/$defs/Owner" } },
  };
  const chips = { type: "array", items: { $ref: "#/components/schemas/Animal/$defs/Chip" } };
  const schemas = {
    Animal: {
      type: ["object", "null"],
      properties: { kind: { const: "cat" } },
      $defs: { Chip, Owner: { type: "object", properties: { chips } } },
    },
    Sized: { allOf: [{ type: "object" }, { type: "object", properties: { weight: { type: "number" } } }] },
  };
  const parameters = { count: parameter({ name: "count", schema: { type: "integer" } }) };
  const text = contractText(paths, { openapi: "3.1.0", components: { schemas, parameters } });
  const project = await generatedProject(new Map([...(await generateFrom(text)), ["usage.ts", USAGE]]));
  try {
    expect(project.typeErrors()).toEqual([]);
  } finally {
    await project.remove();
  }
});
