/** Keeps credentials out of what leaves the library: messages, excerpts, quoted values, headers, and objects that hold one. */
import { type FetchResponse, nodeModule } from "../platform.js";
import { addForms, type Forms, MASK, mask } from "./encodings.js";

/** Returns the text with every credential in it masked. */
export type Redact = (text: string) => string;

/** No inspection shows its values. */
export interface Redactor {
  readonly redact: Redact;
  /** @param until when it may be forgotten, in milliseconds since the epoch; default: never */
  protect(value: string, until?: number): void;
}

/** By how Atlas's own secrets begin, wherever they come from; each underscore as it is, or as JSON and URLs may have it. */
const SERVICE_ACCOUNT_SECRET = /mdb(?:_|\\u005f|%5f)sa(?:_|\\u005f|%5f)sk(?:_|\\u005f|%5f)[\w\-.~+/=%\\]+/gi;
/** The value of a JSON member that holds a credential, cut short or not: whatever form it has, it can be told by its name. */
const SECRET_MEMBER = /("(?:secret|client_?secret|access_?token)"\s*:\s*")(?:[^"\\]|\\[\s\S])+/gi;
/** A credential behind the name of its authentication scheme. */
const AUTHORIZATION_VALUE = /\b(Bearer|Basic)\s+[\w\-.~+/]+=*/gi;
const DIGEST_RESPONSE = /\b(response|cnonce)="?[\w\-.~+/=]+"?/gi;

/** Masks what can be known to be a credential by its form alone. */
export function redactByForm(text: string): string {
  return text
    .replace(SERVICE_ACCOUNT_SECRET, `mdb_sa_sk_${MASK}`)
    .replace(SECRET_MEMBER, `$1${MASK}`)
    .replace(AUTHORIZATION_VALUE, `$1 ${MASK}`)
    .replace(DIGEST_RESPONSE, `$1=${MASK}`);
}

/**
 * Masks what has the form of a credential, and protected values: plain or encoded (URL, JSON, hexadecimal, base64,
 * UTF-16), in small or capital letters, broken over lines or by other signs.
 *
 * @param base masks first
 * @example
 * const { protect, redact } = createRedactor();
 * protect(secret);
 * console.error(redact(message));
 */
export function createRedactor(base: Redact = redactByForm): Redactor {
  /** Until when each value is masked, in milliseconds since the epoch. */
  const ends = new Map<string, number>();
  const forms: Forms = new Map();
  /** Those without forms: there is a text to mask only after few calls. */
  let added: string[] = [];
  let mostValues = 1000;
  return {
    protect(value, until = Number.POSITIVE_INFINITY) {
      if (!ends.has(value)) added.push(value);
      ends.set(value, Math.max(until, ends.get(value) ?? 0));
      if (ends.size <= mostValues) return;
      const now = Date.now();
      for (const [each, end] of ends) if (end < now) ends.delete(each);
      forms.clear();
      added = [...ends.keys()];
      mostValues = 2 * Math.max(ends.size, 500);
    },
    redact(text) {
      for (const value of added.splice(0)) addForms(forms, value);
      return base(mask(text, forms, true).masked);
    },
  };
}

/** Masks credentials in the output of another program. */
export interface LineRedactor {
  write(chunk: string): void;
  /** Passes on what was held back. */
  end(): void;
}

/** A line that is longer is passed on in parts. */
const LONGEST_LINE = 65_536;

/**
 * Passes output on line by line, masked as by a `Redactor`, however it comes in pieces. A line is held back as long as
 * a credential may begin at its end.
 *
 * @example
 * const output = createLineRedactor([secret], (line) => console.error(line));
 * child.stdout.setEncoding("utf8").on("data", output.write).on("end", output.end);
 */
export function createLineRedactor(credentials: readonly string[], onLine: (line: string) => void): LineRedactor {
  const forms: Forms = new Map();
  for (const credential of credentials) addForms(forms, credential);
  let pending = "";

  /** @param isEnd whether nothing follows */
  const flush = (isEnd: boolean) => {
    const { masked, safe } = mask(pending, forms, isEnd);
    const lastLineEnd = masked.lastIndexOf("\n", safe - 1);
    const length = isEnd || safe > LONGEST_LINE ? safe : lastLineEnd + 1;
    if (length === 0) return;
    pending = masked.slice(length);
    for (const line of masked.slice(0, length).replace(/\n$/, "").split("\n"))
      onLine(redactByForm(line.replace(/\r$/, "")));
  };
  return {
    write(chunk) {
      pending += chunk;
      if (pending.includes("\n") || pending.length > LONGEST_LINE) flush(false);
    },
    end() {
      flush(true);
    },
  };
}

/** The beginning on one line, masked before the cut, and before that without control characters: they hide credentials. */
export function excerpt(text: string, length: number, redact: Redact): string {
  return oneLine(redact(withoutControls(text)), length);
}

/** The first `length` characters on one line, without control characters: on a terminal they are commands. */
export function oneLine(text: string, length: number): string {
  const shown = withoutControls(text).replace(/\s+/g, " ").trim();
  return shown.length > length ? `${shown.slice(0, length)}…` : shown;
}

function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\0-\x08\x0e-\x1f\x7f-\x9f](?:\[[0-?]*[ -/]*[@-~])?/g, "");
}

/** More than this of a refused value is never shown. */
const LONGEST_QUOTE = 40;

/** A value as a reader recognizes it: at most 40 characters of it, credentials masked. Never calls code of the value. */
export function quote(value: unknown, redact: Redact): string {
  switch (typeof value) {
    case "string":
      // JSON leaves the upper control characters and Unicode's line breaks as they are.
      return JSON.stringify(excerptOf(value, redact)).replace(/[\x7f-\x9f\u2028\u2029]/g, (character) => {
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
      });
    case "bigint":
      return excerptOf(`${value}n`, redact);
    case "number":
    case "boolean":
    case "undefined":
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      if (value === null) return "null";
      return isArray(value) ? `an array of ${value.length}` : "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** Asked anything, even whether it is an array, a proxy may throw. */
function isArray(value: object): value is readonly unknown[] {
  try {
    return nodeModule("node:util")?.types.isProxy(value) !== true && Array.isArray(value);
  } catch {
    // A revoked proxy, on a platform that cannot tell proxies.
    return false;
  }
}

function excerptOf(text: string, redact: Redact): string {
  // White space is what is wrong with some values, so it is kept here; JSON.stringify makes it visible.
  const masked = redact(text);
  return masked.length > LONGEST_QUOTE ? `${masked.slice(0, LONGEST_QUOTE - 1)}…` : masked;
}

/** A name from elsewhere, short enough for a message. */
export function shortName(name: string, redact: Redact): string {
  return excerpt(name, LONGEST_QUOTE, redact);
}

/** Under it, an object keeps what it does not show. */
const HIDDEN = Symbol("hidden");

/**
 * Conceals members of objects: each becomes the same object without them as its own. Reading them still gives their values,
 * from a closure, into which no inspection looks, by way of a prototype that calls itself `Object`'s.
 *
 * @param names of members that each object has
 * @param shown methods by which the objects tell what they do not show
 */
export function concealing(names: readonly string[], shown: Readonly<Record<string | symbol, unknown>> = {}) {
  // One for all: a prototype of its own for each object costs a call more than all its layers.
  const prototype: object = Object.defineProperty({}, "constructor", { value: Object });
  for (const name of names) {
    const get = function (this: { readonly [HIDDEN]?: (name: string) => unknown }) {
      return this[HIDDEN]?.(name);
    };
    Object.defineProperty(prototype, name, { get });
  }
  for (const key of Reflect.ownKeys(shown)) Object.defineProperty(prototype, key, { value: shown[key] });

  return <Kind extends object>(object: Kind): Kind => {
    // Its members are only named.
    const members = object as Readonly<Record<string, unknown>>;
    let own = members;
    for (const name of names) {
      const { [name]: _, ...others } = own;
      own = others;
    }
    Object.defineProperty(own, HIDDEN, { value: (name: string) => members[name] });
    return Object.setPrototypeOf(own, prototype);
  };
}

/** Of a new secret. */
export const concealSecret = /* @__PURE__ */ concealing(["secret"]);

/** By their names in lower case; credentials are masked. */
export type ResponseHeaders = { readonly [name: string]: string | undefined };

/** A response without its body. */
export interface ResponseMetadata {
  /** HTTP status; inside an envelope, the status in it. */
  readonly status: number;
  /** Cookies, tokens, keys and the like are `…`; of a URL, only the origin is left. */
  readonly headers: ResponseHeaders;
  /**
   * The `x-request-id` header, which gateways may send. Atlas itself sends none as of August 2026.
   *
   * @see https://github.com/mongodb/mongodb-atlas-cli/tree/master/test/e2e/atlas for recorded responses
   */
  readonly requestId: string | undefined;
}

/** Credentials by their nature, whatever their form. `WWW-Authenticate` and `Proxy-Authenticate` only ask for some. */
const CONFIDENTIAL_NAME = /auth(?!enticate)|cookie|credential|key|nonce|passw|secret|session|signature|token/;
/** Their values are URLs, relative ones too. */
const LOCATION_NAME = /location$|^(?:link|refresh)$/;
/** A path or a query may hold a token. */
const URL_WITH_MORE = /\b([a-z][a-z\d+.-]*:\/\/)(?:[^\s/?#"'<>]*@)?([^\s/?#"'<>,;@]*)[^\s"'<>,;]*/gi;
const LONGEST_VALUE = 1000;

export function metadataOf({ status, headers: received }: Pick<FetchResponse, "status" | "headers">, redact: Redact) {
  const headers: Record<string, string> = {};
  received.forEach((value, name) => {
    headers[shortName(name.toLowerCase(), redact)] = shownValue(name.toLowerCase(), value, redact);
  });
  return { status, headers, requestId: headers["x-request-id"] };
}

function shownValue(name: string, value: string, redact: Redact): string {
  if (CONFIDENTIAL_NAME.test(name)) return MASK;
  const shown = value.replace(URL_WITH_MORE, `$1$2/${MASK}`);
  if (LOCATION_NAME.test(name) && shown === value) return MASK;
  return excerpt(shown, LONGEST_VALUE, redact);
}
