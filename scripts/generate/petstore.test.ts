/**
 * Documents that are not Atlas's, with what they use of OpenAPI 3.0 and 3.1: generated, type-checked and tried.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type GeneratedProject,
  generatedProject,
  generateFrom,
  type Validators,
  violations,
} from "./testing/contracts.js";

/** Compiles only if the types are what the document says. */
const USAGE_30 = `
import { createOperations, type RunOperation } from "./client.js";
import type { components } from "./schema.js";
import type { FindPetsByStatusArguments } from "./types.js";

declare const run: RunOperation<object>;
const client = createOperations(run);

const [pet] = await client.findPetsByStatus({ status: "sold", tags: ["a"], near: { lat: 1 }, filter: "{}" });
export const id: number | undefined = pet?.id;
if (pet?.petType === "Cat") pet.huntingSkill satisfies "lazy" | "keen";
else if (pet?.petType === "Dog") pet.packSize satisfies number | undefined;
else if (pet?.petType === "Kitten") [pet.huntingSkill satisfies "lazy" | "keen", pet.weeks satisfies number];
else if (pet?.petType === "canary") pet.sings satisfies boolean;
else pet satisfies undefined;
if (pet?.petType === "Cat") pet.friends?.map((friend) => friend.petType satisfies "Cat" | "Dog" | "Kitten" | "canary");
// @ts-expect-error a response has no writeOnly property
export const chip = pet?.chip;
// @ts-expect-error media types and security schemes say what the header holds
export const accept: FindPetsByStatusArguments["Accept"] = "";

await client.updatePet({ body: { petType: "Dog", name: "Rex", chip: "1", packSize: 2 } });
// @ts-expect-error not a property of dogs
await client.updatePet({ body: { petType: "Dog", name: "Rex", huntingSkill: "lazy" } });
// @ts-expect-error a request has no readOnly property
await client.updatePet({ body: { petType: "Dog", name: "Rex", id: 1 } });

await client.updatePetWithForm({ petId: 1, body: { name: "Rex", tags: ["a"] } });
export const nothing: void = await client.deletePet({ petId: 1, api_key: "k" });
export const { code }: { code: number } = await client.uploadFile({ petId: 1, body: new Blob(["png"]) });
export const stock: number | undefined = (await client.getInventory())["sold"];
export const report: Blob = await client.getReport();
const user = await client.createUser({ body: { status: "off", either: { b: "x" } } });
user.status satisfies "on" | "off" | undefined;

for (const vehicle of await client.vehiclesList()) {
  if (vehicle.kind === "Car") vehicle.wheels satisfies number;
  else vehicle.wheels satisfies string | undefined;
}

const role = await client.createRole({ body: { providerName: "GOV", arn: "a" } });
if (role?.providerName === "AZURE") role.tenant satisfies string | null;
else if (role !== null) role.arn satisfies string | undefined;

// The markers of one-way properties are not in the way of whoever reads an error.
export const error: components["schemas"]["Error"] = { code: 1 };
`;

const USAGE_31 = `
import { createOperations, type RunOperation } from "./client.js";

declare const run: RunOperation<object>;
const client = createOperations(run);

const pet = await client.addPet({
  body: { name: "Rex", kind: "pet", tag: null, owner: null, position: [1, 2], labels: { "x-a": "b" }, anything: 5 },
});
pet.id satisfies number;
pet.kind satisfies "pet";
pet.tag satisfies "a" | "b" | null | undefined;
if (pet.shape?.form === "square") pet.shape.side satisfies number;
else pet.shape?.radius satisfies number | undefined;
await client.getPet({ petId: 5 });
// @ts-expect-error a request has no readOnly property
await client.addPet({ body: { name: "Rex", kind: "pet", shape: { form: "square", radius: 1 } } });
`;

async function projectOf(file: string, usage: string): Promise<[GeneratedProject, Validators]> {
  const files = await generateFrom(await readFile(new URL(`testing/${file}`, import.meta.url), "utf8"));
  const project = await generatedProject(new Map([...files, ["usage.ts", usage]]));
  // What validators.d.ts promises; the operations are those of the fixture.
  return [project, (await project.load("validators.js")) as unknown as Validators];
}

describe("OpenAPI 3.0", () => {
  let project: GeneratedProject;
  let validators: Validators;
  beforeAll(async () => {
    [project, validators] = await projectOf("petstore-3.0.yaml", USAGE_30);
  });
  afterAll(() => project.remove());

  test("type-checks, and misuse does not", async () => {
    expect(await project.typeErrors()).toEqual([]);
  });

  test("goes over the wire as the document says", async () => {
    const { operations } = await project.load("operations.ts");
    const some = { name: "petId", in: "path", required: true };
    expect(operations).toMatchObject({
      updatePet: { requestMediaTypes: ["application/json"], successStatuses: [200] },
      findPetsByStatus: {
        parameters: [
          { name: "status", in: "query", required: false },
          { name: "tags", in: "query", required: false, style: "form", explode: false },
          { name: "near", in: "query", required: false, style: "form", explode: true },
          { name: "filter", in: "query", required: false },
        ],
        responseMediaTypes: ["application/json"],
      },
      updatePetWithForm: { parameters: [some], requestMediaTypes: ["application/x-www-form-urlencoded"] },
      deletePet: { successStatuses: ["2XX"], responseMediaTypes: [] },
      uploadFile: {
        requestMediaTypes: ["application/octet-stream"],
        responseMediaTypes: ["application/json"],
        successStatuses: ["2XX"],
      },
      getReport: { responseMediaTypes: ["text/csv", "application/pdf"], successStatuses: [200], bytesStatuses: [200] },
      createUser: { successStatuses: ["2XX"] },
      vehiclesList: { operationId: "vehiclesList", path: "/vehicles" },
    });
  });

  const cat = { petType: "Cat", name: "Tom", huntingSkill: "lazy" };
  test.each<[what: string, body: unknown, expected: string[]]>([
    ["a child", cat, []],
    ["a child that is wrong", { ...cat, huntingSkill: "none" }, ["/body/huntingSkill enum"]],
    ["another child with the same fault", { ...cat, petType: "Dog", huntingSkill: "none" }, []],
    ["no child at all", { petType: "Fish", name: "Nemo" }, []],
    ["the base's own fault, once", { ...cat, name: 5 }, ["/body/name type"]],
    ["a child without what it requires", { petType: "Cat", name: "Tom" }, ["/body required"]],
    ["a child of a child", { ...cat, petType: "Kitten", weeks: 9 }, []],
    [
      "a child of a child without what either requires",
      { petType: "Kitten", name: "Tom" },
      ["/body required", "/body required"],
    ],
    ["a child of another name", { petType: "canary", name: "Tweety", sings: "yes" }, ["/body/sings type"]],
    ["the schema's name of a child that has another name", { petType: "Bird", name: "Tweety" }, []],
    [
      "a friend that is wrong",
      { ...cat, friends: [{ ...cat, petType: "Dog", packSize: -1 }] },
      ["/body/friends/0/packSize minimum"],
    ],
  ])("the discriminator of a base decides: %s", (_what, body, expected) => {
    expect(violations(validators.argumentValidators["updatePet"], { body })).toEqual(expected);
  });

  test("a response requires what the child requires, unless its base lists the kinds itself", () => {
    const found = violations(validators.responseValidators["updatePet"]?.[200], { petType: "Cat", name: "Tom", id: 1 });
    expect(found).toEqual(["required"]);
    const user = { photo: { kind: "print" } };
    expect(validators.responseValidators["createUser"]?.["2XX"]?.(user)).toBe(true);
    expect(violations(validators.argumentValidators["createUser"], { body: user })).toEqual(["/body/photo required"]);
  });

  const roleId = "0123456789abcdef01234567";
  test.each<[what: string, value: unknown, expected: string[]]>([
    ["null", null, []],
    ["the first name of a branch", { providerName: "AWS", arn: "a", roleId }, []],
    ["the second name of a branch", { providerName: "GOV", arn: "a" }, []],
    ["another branch", { providerName: "AZURE", tenant: null }, []],
    ["another branch without what it requires", { providerName: "AZURE" }, ["required"]],
    ["a branch that is wrong", { providerName: "AWS", arn: 1, tenant: 1 }, ["/arn type"]],
    ["no branch", { providerName: "GCP" }, ["/providerName enum"]],
    ["nothing to decide by", { arn: "a" }, ["required"]],
    ["no object", 5, ["type"]],
  ])("a base and its children that name each other end: %s", (_what, value, expected) => {
    const found = violations(validators.responseValidators["createRole"]?.[200], value);
    // Beside it stands that null would do.
    expect(found).toEqual(expected.length === 0 ? [] : [...expected, "anyOf", "enum"].sort());
  });

  test.each<[vehicle: unknown, fits: boolean]>([
    [{ kind: "Car", wheels: 4 }, true],
    [{ kind: "Ship", wheels: "none" }, true],
    [{ kind: "Ship", wheels: 4 }, false],
    [{ kind: "Plane" }, false],
    [{ wheels: 4 }, false],
  ])("alternatives are named by their schemas: %j", (vehicle, fits) => {
    expect(validators.responseValidators["vehiclesList"]?.[200]?.([vehicle])).toBe(fits);
  });

  test("alternatives may overlap, and a type that none of them has is passed over", () => {
    for (const body of [{ status: "on" }, { status: "off" }, { either: {} }, { either: { a: "x", b: "y" } }]) {
      expect(violations(validators.argumentValidators["createUser"], { body })).toEqual([]);
    }
    expect(violations(validators.argumentValidators["createUser"], { body: { status: {} } })).toContain(
      "/body/status anyOf",
    );
  });

  test("what a request leaves out is not required, whichever part of the schema requires it", () => {
    expect(
      violations(validators.argumentValidators["createRole"], { body: { providerName: "AWS", arn: "a" } }),
    ).toEqual([]);
    expect(violations(validators.argumentValidators["createRole"], { body: { providerName: "AWS" } })).toEqual([
      "/body required",
    ]);
  });
});

describe("OpenAPI 3.1", () => {
  let project: GeneratedProject;
  let validators: Validators;
  beforeAll(async () => {
    [project, validators] = await projectOf("petstore-3.1.yaml", USAGE_31);
  });
  afterAll(() => project.remove());

  test("type-checks, and misuse does not", async () => {
    expect(await project.typeErrors()).toEqual([]);
  });

  const pet = { name: "Rex", kind: "pet" };
  test.each<[what: string, body: unknown, expected: string[]]>([
    ["a const", { ...pet, kind: "cat" }, ["/body/kind const"]],
    ["null in a list of types, beside an enum that does not name it", { ...pet, tag: null }, []],
    ["another type", { ...pet, tag: 1 }, ["/body/tag enum", "/body/tag type"]],
    ["null as an alternative", { ...pet, owner: null }, []],
    ["an exclusive bound that is a number", { ...pet, weight: 200 }, ["/body/weight exclusiveMaximum"]],
    ["a tuple", { ...pet, position: [1, 2] }, []],
    ["too much in a tuple", { ...pet, position: [1, 2, 3] }, ["/body/position items"]],
    ["names by a pattern", { ...pet, labels: { "x-a": "b" } }, []],
    ["other names", { ...pet, labels: { a: "b" } }, ["/body/labels additionalProperties"]],
    ["a schema that is true", { ...pet, anything: [null] }, []],
    ["what depends on another property", { ...pet, card: "1" }, ["/body dependentRequired"]],
    ["a discriminator by const", { ...pet, shape: { form: "circle", radius: 1 } }, []],
  ])("%s", (_what, body, expected) => {
    expect(violations(validators.argumentValidators["addPet"], { body })).toEqual(expected);
  });

  test("a keyword beside a reference counts, and a bound beside int formats", () => {
    const validate = validators.responseValidators["getPet"]?.[200];
    expect(violations(validate, { ...pet, id: 1 })).toEqual([]);
    expect(violations(validate, pet)).toEqual(["required"]);
    expect(violations(validate, { ...pet, id: 0 })).toEqual(["/id exclusiveMinimum"]);
    expect(violations(validate, { ...pet, id: 1, owner: { name: "Ann", age: 5 } })).toEqual([]);
    expect(violations(validate, { ...pet, id: 1, owner: { size: 5 } })).toContain("/owner unevaluatedProperties");
  });
});
