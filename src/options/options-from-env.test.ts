import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { AtlasRequestError, createAtlasClient, optionsFromEnv } from "../index.js";

const serviceAccount = {
  MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_000000000000000000000001",
  MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_planted_secret",
};
const apiKey = { MONGODB_ATLAS_PUBLIC_API_KEY: "plantedpublic", MONGODB_ATLAS_PRIVATE_API_KEY: "planted-private-key" };
const accessToken = { MONGODB_ATLAS_ACCESS_TOKEN: "planted-access-token" };

function refusal(env: Record<string, string>): AtlasRequestError {
  try {
    optionsFromEnv(env);
  } catch (error) {
    if (error instanceof AtlasRequestError) return error;
    throw error;
  }
  return expect.fail("it was not refused");
}

describe("optionsFromEnv", () => {
  it("reads a service account", () => {
    const { credentials } = optionsFromEnv(serviceAccount);
    const { clientId, clientSecret } = credentials;
    expect([clientId, clientSecret]).toEqual([serviceAccount.MONGODB_ATLAS_CLIENT_ID, "mdb_sa_sk_planted_secret"]);
  });

  it("reads an API key", () => {
    const { publicKey, privateKey } = optionsFromEnv(apiKey).credentials;
    expect([publicKey, privateKey]).toEqual(["plantedpublic", "planted-private-key"]);
  });

  it("reads an access token", () => {
    expect(optionsFromEnv(accessToken).credentials.accessToken).toBe("planted-access-token");
  });

  it("reads the base URL, so that government credentials never go to the public host", () => {
    const options = optionsFromEnv({ ...apiKey, MONGODB_ATLAS_BASE_URL: "https://cloud.mongodbgov.com/" });
    expect(options.baseUrl).toBe("https://cloud.mongodbgov.com/");
    expect(() => createAtlasClient(options)).not.toThrow();
  });

  it("takes a variable that is set to nothing for one that is not set", () => {
    const options = optionsFromEnv({ ...apiKey, MONGODB_ATLAS_CLIENT_ID: "", MONGODB_ATLAS_BASE_URL: "" });
    expect([options.credentials.publicKey, options.credentials.clientId]).toEqual(["plantedpublic", undefined]);
    expect(options).not.toHaveProperty("baseUrl");
  });

  it("reads process.env by default", () => {
    expect(() => optionsFromEnv()).toThrow(AtlasRequestError);
  });

  it.each([
    ["nothing set", {}, ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_ACCESS_TOKEN"]],
    ["two kinds", { ...serviceAccount, ...apiKey }, ["MONGODB_ATLAS_CLIENT_SECRET", "MONGODB_ATLAS_PRIVATE_API_KEY"]],
    [
      "a pair and a token",
      { ...apiKey, ...accessToken },
      ["MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_ACCESS_TOKEN"],
    ],
    ["half a service account", { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_1" }, ["MONGODB_ATLAS_CLIENT_SECRET"]],
    ["the other half", { MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_planted_secret" }, ["MONGODB_ATLAS_CLIENT_ID"]],
    ["half an API key", { MONGODB_ATLAS_PRIVATE_API_KEY: "planted-private-key" }, ["MONGODB_ATLAS_PUBLIC_API_KEY"]],
    ["a line break", { MONGODB_ATLAS_ACCESS_TOKEN: "planted-access-token\nmore" }, ["MONGODB_ATLAS_ACCESS_TOKEN"]],
    [
      "a plain-HTTP host",
      { ...accessToken, MONGODB_ATLAS_BASE_URL: "http://atlas.example" },
      ["MONGODB_ATLAS_BASE_URL"],
    ],
    [
      "a password in the URL",
      { ...accessToken, MONGODB_ATLAS_BASE_URL: "https://u:planted-pw@a.example" },
      ["MONGODB_ATLAS_BASE_URL"],
    ],
  ])("refuses %s, naming the variables and never their values", (_name, env, variables) => {
    const { message, code, outcome } = refusal(env);
    expect(message).toMatch(/^Cannot read credentials from the environment: /);
    expect({ code, outcome }).toEqual({ code: "ERR_ATLAS_REQUEST", outcome: "not-applied" });
    for (const variable of variables) expect(message).toContain(variable);
    expect(message).not.toMatch(/planted/);
  });

  it("names all three ways to sign in if nothing is set, and only what is missing of one that is begun", () => {
    expect(refusal({}).violations).toEqual([
      {
        argument: "credentials",
        expected:
          "MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, " +
          "MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or MONGODB_ATLAS_ACCESS_TOKEN",
        received: "none of these variables",
      },
    ]);
    const half = refusal({ MONGODB_ATLAS_PUBLIC_API_KEY: "plantedpublic" });
    expect(half.violations.map(({ argument }) => argument)).toEqual(["MONGODB_ATLAS_PRIVATE_API_KEY"]);
  });

  it("shows that credentials are there, and not what they are", () => {
    const { credentials } = optionsFromEnv(serviceAccount);
    expect(inspect(credentials)).toBe("{ clientId: [concealed], clientSecret: [concealed] }");
    expect(JSON.stringify(credentials)).toBe('{"clientId":"[concealed]","clientSecret":"[concealed]"}');
  });
});
