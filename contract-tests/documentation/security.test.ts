/** The documentation as tests: the two ways to sign in. */
import { expect, test } from "vitest";
import { readContract } from "../contract/contract.js";
import { objectOf, valueAt } from "../contract/json.js";
import { securitySchemes } from "./documented/document.js";
import { factsOf } from "./facts-of.js";

const { document } = await readContract();
const facts = factsOf(document);

test("service accounts sign in with OAuth 2.0 client credentials at the token URL of Atlas", () => {
  const scheme = valueAt(facts, ["components", "securitySchemes", "ServiceAccounts"]);
  expect(scheme).toStrictEqual(securitySchemes.ServiceAccounts);
});

test("API keys sign in with HTTP digest", () => {
  const scheme = valueAt(facts, ["components", "securitySchemes", "DigestAuth"]);
  expect(scheme).toStrictEqual(securitySchemes.DigestAuth);
});

test("there is no third way, and none without signing in", () => {
  expect(Object.keys(objectOf(valueAt(facts, ["components", "securitySchemes"])))).toStrictEqual([
    "ServiceAccounts",
    "DigestAuth",
  ]);
  expect(objectOf(facts)["security"]).toBeUndefined();
});
