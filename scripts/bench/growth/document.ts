/**
 * A contract of any size: the project's own two operations, again and again under other names.
 */
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { ROOT } from "../compile.js";

interface Document {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** @param size number of operations, an even one; every pair of them has schemas of its own */
export function documentOf(size: number): string {
  // The project's own contract, whose form its tests vouch for.
  const contract: Document = parse(readFileSync(new URL("openapi/atlas-service-account-secrets.yaml", ROOT), "utf8"));
  const copies = Array.from({ length: size / 2 }, (_, index) => copyOf(contract, index));
  const document = {
    ...contract,
    paths: Object.assign({}, ...copies.map(({ paths }) => paths)),
    components: {
      ...contract.components,
      schemas: Object.assign({}, contract.components.schemas, ...copies.map(({ components }) => components.schemas)),
    },
  };
  // Each copy written out: a reader takes very many aliases for an attack.
  return stringify(document, { aliasDuplicateObjects: false });
}

/** The first copy keeps its names, because the client's own code uses them. */
function copyOf({ paths, components }: Document, index: number): Document {
  if (index === 0) return { paths, components };
  const renamed = (text: string) =>
    text
      .replaceAll("/api/atlas/v2/", `/api/atlas/v2/copy${index}/`)
      .replaceAll(/"operationId":"(\w+)"/g, `"operationId":"$1${index}"`)
      .replaceAll(/#\/components\/schemas\/(ServiceAccount\w+)/g, `#/components/schemas/$1${index}`);
  const own = Object.entries(components.schemas).filter(([name]) => name.startsWith("ServiceAccount"));
  return {
    paths: JSON.parse(renamed(JSON.stringify(paths))),
    components: {
      schemas: Object.fromEntries(own.map(([name, schema]) => [`${name}${index}`, schema])),
    },
  };
}
