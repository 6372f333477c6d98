/** The contract as the contract tests see it: references resolved, one flat record for each operation. */
import { fileURLToPath } from "node:url";
import SwaggerParser from "@apidevtools/swagger-parser";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "./json.js";

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: JsonObject;
  /** The whole parameter object, for what only few need: example, style, explode. */
  readonly source: JsonObject;
}

export interface MediaType {
  readonly name: string;
  /** Absent where the contract only names the media type, as under 204. */
  readonly schema: JsonObject | undefined;
  readonly examples: readonly unknown[];
}

export interface RequestBody {
  readonly required: boolean;
  readonly mediaTypes: readonly MediaType[];
}

interface Header {
  readonly name: string;
  readonly schema: JsonObject;
}

export interface Answer {
  /** As in the contract: `201`, and also `4XX` or `default`. */
  readonly status: string;
  readonly mediaTypes: readonly MediaType[];
  readonly headers: readonly Header[];
}

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
  readonly answers: readonly Answer[];
  /** Each alternative is the list of schemes that it asks for together; an empty list lets everybody in. */
  readonly security: readonly (readonly string[])[];
}

export interface Contract {
  /** The whole document, references resolved. */
  readonly document: JsonObject;
  readonly operations: readonly Operation[];
  readonly securitySchemes: Readonly<Record<string, JsonObject>>;
}

export const contractFile = fileURLToPath(new URL("../../openapi/atlas-service-account-secrets.yaml", import.meta.url));

/**
 * Reads and resolves an OpenAPI document; only a reference that leads into itself stays a `$ref`.
 * Throws what the parser throws when it cannot.
 */
export async function readContract(file = contractFile): Promise<Contract> {
  const document: unknown = await SwaggerParser.dereference(file, { dereference: { circular: "ignore" } });
  return contractOf(document);
}

export function contractOf(resolved: unknown): Contract {
  const document = objectOf(resolved);
  const schemes = Object.entries(objectOf(objectOf(document["components"])["securitySchemes"]));
  return {
    document,
    operations: operationsOf(document),
    securitySchemes: Object.fromEntries(schemes.map(([name, scheme]) => [name, objectOf(scheme)])),
  };
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

function operationsOf(document: JsonObject): Operation[] {
  return Object.entries(objectOf(document["paths"])).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const source = objectOf(item)[method];
      return isObject(source) ? [operationOf(document, path, objectOf(item), method, source)] : [];
    }),
  );
}

function operationOf(
  document: JsonObject,
  path: string,
  item: JsonObject,
  method: string,
  source: JsonObject,
): Operation {
  const body = source["requestBody"];
  return {
    operationId: textOf(source["operationId"]) ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    parameters: parametersOf(listOf(item["parameters"]), listOf(source["parameters"])),
    body: isObject(body) ? { required: body["required"] === true, mediaTypes: mediaTypesOf(body) } : undefined,
    answers: Object.entries(objectOf(source["responses"])).map(([status, answer]) => ({
      status,
      mediaTypes: mediaTypesOf(objectOf(answer)),
      headers: Object.entries(objectOf(objectOf(answer)["headers"])).map(([name, header]) => ({
        name,
        schema: objectOf(objectOf(header)["schema"]),
      })),
    })),
    security: listOf(source["security"] ?? document["security"]).map((schemes) => Object.keys(objectOf(schemes))),
  };
}

/** An operation's own parameter takes the place of one of the same name and location that its path has. */
function parametersOf(ofPath: readonly unknown[], ofOperation: readonly unknown[]): Parameter[] {
  const parameters = new Map<string, Parameter>();
  for (const source of [...ofPath, ...ofOperation].map(objectOf)) {
    const name = textOf(source["name"]) ?? "";
    const location = textOf(source["in"]) ?? "";
    const content = Object.values(objectOf(source["content"])).map(objectOf)[0];
    const schema = objectOf(source["schema"] ?? content?.["schema"]);
    parameters.set(`${location} ${name}`, {
      name,
      in: location,
      required: source["required"] === true,
      schema,
      source,
    });
  }
  return [...parameters.values()];
}

function mediaTypesOf(holder: JsonObject): MediaType[] {
  return Object.entries(objectOf(holder["content"])).map(([name, value]) => {
    const mediaType = objectOf(value);
    return {
      name,
      schema: isObject(mediaType["schema"]) ? mediaType["schema"] : undefined,
      examples: examplesOf(mediaType),
    };
  });
}

/** The media types that bring a schema of their own: one for each version that is not described like an earlier one. */
export function withOwnSchema(mediaTypes: readonly MediaType[]): MediaType[] {
  const seen = new Set<string>();
  return mediaTypes.filter(({ schema }) => {
    const text = JSON.stringify(schema);
    if (schema === undefined || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** The values of `example` and `examples` of a media type, parameter or header, in this order. */
export function examplesOf(holder: JsonObject): unknown[] {
  const single = Object.hasOwn(holder, "example") ? [holder["example"]] : [];
  const named = Object.values(objectOf(holder["examples"])).map((example) => objectOf(example)["value"]);
  return [...single, ...named];
}
