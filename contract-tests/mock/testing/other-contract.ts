/**
 * For the mock's own tests: a contract that has nothing in common with the project's own but the version of OpenAPI.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ok = (mediaType: string) => ({ description: "ok", content: { [mediaType]: { example: { ok: true } } } });
const unauthorized = {
  description: "no",
  content: { "application/json": { examples: { first: { value: { error: 401, errorCode: "OTHER" } } } } },
};
const versioned = "application/vnd.other.2030-01-01+json";

/** Four ways to be called, and a path that two templates fit. */
export const otherContract = {
  openapi: "3.0.3",
  info: { title: "other", version: "1" },
  paths: {
    "/things/{thing}": {
      get: {
        security: [{ Tokens: [] }],
        parameters: [{ name: "thing", in: "path", required: true, schema: { type: "string" } }],
        responses: { "200": ok(versioned), "401": unauthorized },
      },
    },
    "/things/special": { get: { security: [{ Keys: [] }], responses: { "200": ok("application/json") } } },
    "/news": { get: { security: [], responses: { "200": ok("application/json") } } },
    "/either": { get: { security: [{}, { Tokens: [] }], responses: { "200": ok("application/json") } } },
  },
  components: {
    securitySchemes: {
      Tokens: { type: "oauth2", flows: { clientCredentials: { tokenUrl: "https://example.com/sign/in", scopes: {} } } },
      Keys: { type: "http", scheme: "digest" },
      Cookie: { type: "apiKey", in: "cookie", name: "session" },
    },
  },
};

/** A contract in a file of its own. */
export interface ContractFile {
  readonly path: string;
  /** Writes something else into it. */
  replace(text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Writes a contract into a new temporary folder. */
export async function writeContract(contract: unknown): Promise<ContractFile> {
  const folder = await mkdtemp(join(tmpdir(), "mock-contract-"));
  const path = join(folder, "contract.json");
  const replace = (text: string) => writeFile(path, text);
  await replace(typeof contract === "string" ? contract : JSON.stringify(contract));
  return { path, replace, remove: () => rm(folder, { recursive: true, force: true }) };
}
