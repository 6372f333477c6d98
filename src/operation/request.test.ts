/**
 * What a call sends, of operations that the contract has and of one that it has not; and the guard of its path.
 */
import { describe, expect, it } from "vitest";
import { type OperationDescription, type OperationParameter, operations } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import { redactByForm } from "../safe/redaction.js";
import { creation, deletion, errorOf } from "../testing/scripted-client.js";
import { isEnveloped, targetOf } from "../transport/pipeline.js";
import { checkArguments } from "./arguments.js";
import { operationAt, operationRequest, rawRequest, staysInPlace } from "./request.js";

const settings = { baseUrl: "https://cloud.mongodb.com", userAgent: "test/1", apiVersion: undefined };
const { createGroupServiceAccountSecret: create, deleteOrgServiceAccountSecret: remove } = operations;

/** What the request is refused with. */
const refusal = (request: () => unknown) => errorOf((async () => request())(), AtlasRequestError);

describe("the request of a creation", () => {
  it("has its arguments in path and body, and the media types of the newest versions", () => {
    const path = `/api/atlas/v2/groups/${creation.groupId}/serviceAccounts/${creation.clientId}/secrets`;
    expect(operationRequest(create, { ...creation }, {}, settings)).toEqual({
      operation: create,
      url: `https://cloud.mongodb.com${path}`,
      headers: {
        "user-agent": "test/1",
        accept: "application/vnd.atlas.2025-03-12+json",
        "content-type": "application/vnd.atlas.2024-08-05+json",
      },
      body: '{"secretExpiresAfterHours":8}',
      signal: undefined,
      retry: { maxAttempts: 4, maxDelayMs: 60_000 },
      account: { mayHaveBeenApplied: false },
    });
  });

  it("has its query, if there is one, and knows that an envelope will come", () => {
    const request = operationRequest(create, { ...creation, envelope: true, pretty: false }, {}, settings);
    expect([new URL(request.url).search, isEnveloped(request)]).toEqual(["?envelope=true&pretty=false", true]);
  });

  it("has the caller's headers in place of the contract's, whatever their case", () => {
    const headers = { ACCEPT: "text/plain", "Content-Type": "text/json", "User-Agent": "mine", "X-Id": "5" };
    expect(operationRequest(create, { ...creation }, { headers }, settings).headers).toEqual({
      accept: "text/plain",
      "content-type": "text/json",
      "user-agent": "mine",
      "x-id": "5",
    });
  });

  it("has the caller's signal", () => {
    const { signal } = new AbortController();
    expect(operationRequest(create, { ...creation }, { signal }, settings).signal).toBe(signal);
  });
});

describe("the request of a deletion", () => {
  it("has neither a body nor a type of one", () => {
    const request = operationRequest(remove, { ...deletion }, {}, settings);
    expect([request.body, isEnveloped(request)]).toEqual([undefined, false]);
    expect(request.headers).toEqual({ "user-agent": "test/1", accept: "application/vnd.atlas.2025-03-12+json" });
  });

  it("asks for the version that the client was made for", () => {
    const { headers } = operationRequest(remove, { ...deletion }, {}, { ...settings, apiVersion: "2024-08-05" });
    expect(headers["accept"]).toBe("application/vnd.atlas.2024-08-05+json");
  });

  it("takes nothing from what the arguments inherit", () => {
    const args: Record<string, unknown> = Object.assign(Object.create({ pretty: true }), deletion);
    expect(operationRequest(remove, args, {}, settings).url).toMatch(/\/secrets\/[a-f0-9]{24}$/);
  });

  it("is refused where an id would lead to another resource", async () => {
    const error = await refusal(() => operationRequest(remove, { ...deletion, secretId: ".." }, {}, settings));
    expect(error).toMatchObject({ operationId: "deleteOrgServiceAccountSecret", outcome: "not-applied" });
    expect(String(error)).toContain(
      "A path argument is empty, a dot segment, or contains a slash. Nothing was changed.",
    );
  });
});

describe("the URL", () => {
  /** An operation that the contract does not have: its parameters have no pattern of their own. */
  const plain: OperationDescription = {
    ...remove,
    path: "/shelves/{shelf-id}/parts/{part}",
    parameters: [
      { name: "shelf-id", in: "path", required: true },
      { name: "part", in: "path", required: true },
      { name: "tag", in: "query", required: false },
      { name: "where", in: "query", required: false },
    ],
  };
  const requestOf = (args: Readonly<Record<string, unknown>>, baseUrl = settings.baseUrl) =>
    operationRequest(plain, { "shelf-id": "oak", part: "leg", ...args }, {}, { ...settings, baseUrl });

  it("is one that its operation is found at", () => {
    expect(operationAt("DELETE", targetOf(operationRequest(remove, { ...deletion }, {}, settings)))).toBe(remove);
  });

  it.each([
    ["ids", "oak", "leg", "oak/parts/leg"],
    ["a number and a flag", 5, false, "5/parts/false"],
    ["marks that mean something in a URL", "a?b#c&d=e", "100%", "a%3Fb%23c%26d%3De/parts/100%25"],
    ["marks that mean something in a replacement", "$&", "$1$$", "%24%26/parts/%241%24%24"],
    ["braces", "{part}", "{shelf-id}", "%7Bpart%7D/parts/%7Bshelf-id%7D"],
    ["other scripts", "größe", "木", "gr%C3%B6%C3%9Fe/parts/%E6%9C%A8"],
    ["dots that are no way up", "...", ".a.", ".../parts/.a."],
    ["lists", ["a", "b c"], [1, 2, 3], "a,b%20c/parts/1,2,3"],
    ["a list of dots", [".", "."], "leg", ".,./parts/leg"],
  ])("has values in its path: %s", (_name, shelf, part, written) => {
    expect(requestOf({ "shelf-id": shelf, part }).url).toBe(`https://cloud.mongodb.com/shelves/${written}`);
  });

  it.each(["part*", ".part", ";part", "$&"])(
    "has a value where its parameter is named %s, and wherever that is",
    (name) => {
      const parameters = [{ name, in: "path", required: true }] as const;
      const named = { ...plain, path: `/{${name}}/of/{${name}}`, parameters };
      for (const [value, written] of [
        ["a b", "a%20b"],
        [5, "5"],
        [["a", "b"], "a,b"],
      ]) {
        expect(targetOf(operationRequest(named, { [name]: value }, {}, settings))).toBe(`/${written}/of/${written}`);
      }
    },
  );

  it("has lists and objects in its query", () => {
    const request = requestOf({ tag: ["a b", "c&d"], where: { color: "red" } });
    expect(targetOf(request)).toBe("/shelves/oak/parts/leg?tag=a%20b&tag=c%26d&where[color]=red");
  });

  it.each(["it's", "größe", "a+b", "#"])("has the target that the platform sends: %s", (tag) => {
    for (const args of [{ tag }, { where: { [tag]: tag } }]) {
      const request = requestOf(args, "https://example.com/proxy");
      const { pathname, search } = new URL(new Request(request.url).url);
      expect(targetOf(request)).toBe(pathname + search);
    }
  });

  it.each([
    ["two dots", ".."],
    ["one dot", "."],
    ["nothing", ""],
    ["null", null],
    ["no value", undefined],
    ["a slash", "a/b"],
    ["a backslash", "a\\b"],
    ["a NUL", "a\0b"],
    ["a way up in a list", ["..", "/"]],
  ])("is refused with %s for a value in its path", async (_name, part) => {
    const error = await refusal(() => requestOf({ part }));
    expect(String(error)).toContain(
      "A path argument is empty, a dot segment, or contains a slash. Nothing was changed.",
    );
  });

  it("may have a slash in a value if the contract's pattern allows it, but no dots", async () => {
    const parameters = plain.parameters.map((parameter) => ({ ...parameter, pattern: "^[a-z./]+$" }));
    const call = (part: string) =>
      operationRequest({ ...plain, parameters }, { "shelf-id": "oak", part }, {}, settings);
    expect(targetOf(call("a/b"))).toBe("/shelves/oak/parts/a%2Fb");
    await refusal(() => call(".."));
  });

  it.each([
    ["half a surrogate pair in its path", { part: "\ud800" }],
    ["half a surrogate pair in its query", { tag: "\ud800" }],
    ["an object in an object", { where: { a: { b: 1 } } }],
  ])("is refused with %s", async (_name, args) => {
    const error = await refusal(() => requestOf(args));
    expect(error.operationId).toBe(remove.operationId);
    expect(String(error)).toContain("A path or query argument cannot be written into a URL. Nothing was changed.");
  });
});

describe("a query as the contract wants it", () => {
  type Style = Pick<OperationParameter, "style" | "explode" | "allowReserved">;
  const list = ["a b", "c,d"];
  const where = { color: "red", size: "5" };
  it.each<[what: string, style: Style, value: unknown, query: string]>([
    ["a list with commas", { style: "form", explode: false }, list, "p=a%20b,c%2Cd"],
    ["a list with spaces", { style: "spaceDelimited", explode: false }, list, "p=a%20b%20c%2Cd"],
    ["a list with bars", { style: "pipeDelimited", explode: false }, list, "p=a%20b|c%2Cd"],
    ["an object by brackets", {}, where, "p[color]=red&p[size]=5"],
    ["names of an object that say something in a URL", {}, { "a&b=": "c", "d e": "f" }, "p[a%26b%3D]=c&p[d%20e]=f"],
    ["an object by its own names", { style: "form", explode: true }, where, "color=red&size=5"],
    ["an object with commas", { style: "form", explode: false }, where, "p=color,red,size,5"],
    ["reserved characters as they are", { allowReserved: true }, "/a:b", "p=/a:b"],
    ["reserved characters of a list", { allowReserved: true }, ["/a", ":b"], "p=/a&p=:b"],
    ["a mark that would end the query", { allowReserved: true }, "/a#b", "p=/a%23b"],
    ["a list of a style for objects", { style: "deepObject" }, list, "p=a%20b&p=c%2Cd"],
    ["one value for a list", { style: "form", explode: false }, "a b", "p=a%20b"],
  ])("%s", (_what, style, value, query) => {
    const parameters: OperationParameter[] = [
      { name: "first", in: "query", required: false },
      { name: "p", in: "query", required: false, ...style },
      { name: "p", in: "header", required: false },
      { name: "last", in: "query", required: false },
    ];
    const plain = { ...remove, path: "/things", parameters };
    const { url } = operationRequest(plain, { first: 1, p: value, last: ["x", "y"] }, {}, settings);
    expect(url).toBe(`https://cloud.mongodb.com/things?first=1&${query}&last=x&last=y`);
    expect(targetOf(operationRequest(plain, {}, {}, settings))).toBe("/things");
  });
});

describe("a body as the contract wants it", () => {
  const withBody = (requestMediaTypes: readonly string[], method: OperationDescription["method"] = "POST") => ({
    ...remove,
    method,
    path: "/things",
    parameters: [],
    requestMediaTypes,
  });

  it("is a form if there is no JSON", () => {
    const operation = withBody(["application/x-www-form-urlencoded"]);
    const body = { "na&me": "a b", tag: ["x", "y"], where: { "co&lor": "red" }, none: null };
    expect(operationRequest(operation, { body }, {}, settings)).toMatchObject({
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "na%26me=a%20b&tag=x&tag=y&where[co%26lor]=red",
    });
  });

  it.each([
    ["half a surrogate pair", { name: "\ud800" }],
    ["an object inside of an object", { where: { color: { red: 1 } } }],
  ])("is refused as a form if it holds %s", async (_what, body) => {
    const operation = withBody(["application/x-www-form-urlencoded"]);
    const error = await refusal(() => operationRequest(operation, { body }, {}, settings));
    expect(String(error)).toContain("The body cannot be written as a form. Nothing was changed.");
  });

  it("is checked as what it will be written as", () => {
    const checked = (mediaType: string, body: unknown) => {
      const operation = { ...create, requestMediaTypes: [mediaType] };
      return checkArguments("createGroupServiceAccountSecret", operation, { ...creation, body }, redactByForm);
    };
    const bytes = Object.assign(new Blob(["{}"]), creation.body);
    expect(checked("application/octet-stream", bytes).args["body"]).toBe(bytes);
    const form = { args: { ...creation }, json: undefined };
    expect(checked("application/x-www-form-urlencoded", creation.body)).toEqual(form);
    expect(checked("application/json", creation.body)).toEqual({ ...form, json: '{"secretExpiresAfterHours":8}' });
  });

  it("is text or a Blob as it is if it is neither", () => {
    const operation = withBody(["application/octet-stream"]);
    for (const body of ["{}", new Blob(["\x00"])]) {
      const request = operationRequest(operation, { body }, {}, settings);
      expect(request.body).toBe(body);
      expect(request.headers["content-type"]).toBe("application/octet-stream");
    }
    const { body, headers } = operationRequest({ ...operation, responseMediaTypes: [] }, {}, {}, settings);
    expect([body, headers]).toStrictEqual([undefined, { "user-agent": "test/1" }]);
  });

  it.each(["GET", "HEAD"] as const)("of %s is refused before it reaches a fetch that cannot", async (method) => {
    const operation = withBody(["application/json"], method);
    expect(operationRequest(operation, { body: {} }, {}, settings).body).toBe("{}");
    const platform = { ...settings, platformFetch: true };
    expect(operationRequest(operation, {}, {}, platform).body).toBeUndefined();
    const error = await refusal(() => operationRequest(operation, { body: {} }, {}, platform));
    expect(error.operationId).toBe(operation.operationId);
    expect(String(error)).toContain(`fetch cannot send a body with ${method}; give the client one that can. Nothing`);
  });
});

describe("header parameters", () => {
  const traced: OperationDescription = {
    ...remove,
    parameters: [
      ...remove.parameters,
      { name: "X-Trace-Id", in: "header", required: false },
      { name: "X-Flags", in: "header", required: false },
    ],
  };
  const headersOf = (parameters: Readonly<Record<string, unknown>>) =>
    operationRequest(traced, { ...deletion, ...parameters }, { headers: { "x-trace-id": "mine" } }, settings).headers;

  it("go into headers, a list one after the other, before what the caller says beside the arguments", () => {
    expect(headersOf({ "X-Trace-Id": 12, "X-Flags": ["a", "b"] })).toMatchObject({
      "x-trace-id": "12",
      "x-flags": "a, b",
    });
  });

  it("are left out where they are null or not given", () => {
    expect(headersOf({ "X-Flags": null })).toEqual({
      "user-agent": "test/1",
      accept: "application/vnd.atlas.2025-03-12+json",
      "x-trace-id": "mine",
    });
  });

  it.each(["a\r\nb: c", "木", "\0"])("are refused if no header can carry them: %j", async (value) => {
    const error = await refusal(() => headersOf({ "X-Trace-Id": value }));
    expect(error).toMatchObject({
      operationId: "deleteOrgServiceAccountSecret",
      violations: [
        { argument: "X-Trace-Id", expected: "contains characters that are not allowed in a header", received: "" },
      ],
    });
    expect(String(error)).toContain("The arguments break the contract: X-Trace-Id: ");
    expect(String(error)).not.toContain(value);
  });
});

const hex = "5f0c1a2b3c4d5e6f70819203";
const clientId = `mdb_sa_id_${hex}`;
const createPath = `/api/atlas/v2/groups/${hex}/serviceAccounts/${clientId}/secrets`;
const removePath = `/api/atlas/v2/orgs/${hex}/serviceAccounts/${clientId}/secrets/${hex}`;

describe("the operation at a method and a path", () => {
  it("is that of the contract", () => {
    expect(operationAt("POST", createPath)?.operationId).toBe("createGroupServiceAccountSecret");
    expect(operationAt("DELETE", removePath)?.operationId).toBe("deleteOrgServiceAccountSecret");
  });

  it("may have its values percent-encoded", () => {
    expect(operationAt("POST", createPath.replace("mdb_sa", "mdb%5Fsa"))?.operationId).toBe(
      "createGroupServiceAccountSecret",
    );
  });

  it.each([
    ["another method", "HEAD", createPath],
    ["a method in lower case", "post", createPath],
    ["the other's method", "DELETE", createPath],
    ["nothing", "POST", ""],
    ["a slash behind", "POST", `${createPath}/`],
    ["a segment before", "POST", `/x${createPath}`],
    ["a dot for a dotless literal", "POST", createPath.replace("/v2/", "/v./")],
    ["dots", "DELETE", removePath.replace(/[^/]+$/, "..")],
    ["encoded dots", "DELETE", removePath.replace(/[^/]+$/, "%2e%2e")],
    ["an encoded slash", "DELETE", removePath.replace(/[^/]+$/, `${hex}%2F`)],
    ["an encoded NUL", "DELETE", removePath.replace(/[^/]+$/, `${hex}%00`)],
    ["an encoded line break", "DELETE", removePath.replace(/[^/]+$/, `${hex}%0A`)],
    ["malformed encoding", "DELETE", removePath.replace(/[^/]+$/, "%")],
    ["an id in capitals", "DELETE", removePath.replace(/[^/]+$/, hex.toUpperCase())],
    ["an empty segment", "DELETE", removePath.replace(hex, "")],
    ["two ids in one segment", "DELETE", `${removePath}${hex}`],
  ])("is none for %s", (_name, method, path) => {
    expect(operationAt(method, path)).toBeUndefined();
  });
});

describe("the pattern of a placeholder", () => {
  const operation = operations.createGroupServiceAccountSecret;
  const found = (part: string, pattern?: string) => {
    const parameter = { name: "part", in: "path", required: true } as const;
    const parameters = [pattern === undefined ? parameter : { ...parameter, pattern }];
    return operationAt("POST", `/parts/${part}`, [{ ...operation, path: "/parts/{part}", parameters }]) !== undefined;
  };

  it("is read as the validators read it, without Unicode's rules if it has none", () => {
    expect([found("a_2", "^a\\_\\d$"), found("a-2", "^a\\_\\d$")]).toEqual([true, false]);
  });

  it("counts characters, not halves of them", () => {
    expect([found("%F0%9F%98%80", "^.$"), found("%F0%9F%98%80", "^..$")]).toEqual([true, false]);
  });

  it("is that of the path, not of a query parameter with its name, and no other text of the path is one", () => {
    const parameters = [{ name: "part", in: "query", required: false, pattern: "^never$" }] as const;
    const at = (path: string) => operationAt("POST", path, [{ ...operation, path: "/v1.0/{part}", parameters }]);
    expect([at("/v1.0/oak"), at("/v1a0/oak")]).toEqual([expect.any(Object), undefined]);
  });

  it("never lets dots through", () => {
    expect([found("a.b", "^[a-z.]+$"), found("..", "^[a-z.]+$")]).toEqual([true, false]);
  });

  it("may be missing; then separators are refused", () => {
    expect([found("oak"), found("a%2Fb")]).toEqual([true, false]);
  });
});

it.each(["post", "POST2", "2POST"])("a method that may hold anything is not shown: %s", async (method) => {
  const built = { url: `${settings.baseUrl}${createPath}`, method, headers: {}, body: undefined, options: {} };
  const error = await refusal(() => rawRequest(built, settings));
  expect(error.message).toContain("The contract has no such operation at the URL that was built; it was not sent.");
});

describe("a value in a path", () => {
  it.each(["", ".", ".."])("leads to another resource: %j, whatever pattern the contract has", (value) => {
    expect([staysInPlace(value, undefined), staysInPlace(value, "^.*$")]).toEqual([false, false]);
  });

  it.each(["a/b", "a\\b", "a\0b", "../"])("leads to another resource, unless a pattern allows it: %j", (value) => {
    expect([staysInPlace(value, undefined), staysInPlace(value, "^.*$")]).toEqual([false, true]);
  });

  it.each(["oak", "...", ".a.", "100%", "größe", "a?b#c"])("stays in place: %j", (value) => {
    expect(staysInPlace(value, undefined)).toBe(true);
  });
});
