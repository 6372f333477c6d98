/**
 * Gets a document from a file or a URL, within limits: a comparison must not hang, follow redirects without end or fill the
 * memory.
 */
import { type ContractDocument, ContractError } from "../../contract-tests/contract/document.js";
import { MAX_DOCUMENT_BYTES, parseDocumentText, readDocument } from "../../contract-tests/contract/read-document.js";

/** Limits of one download. */
export interface FetchLimits {
  /** Milliseconds for everything, redirects and body included. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Bytes of the body, unpacked. Default: 64 MiB; the official document has 3. */
  readonly maxBytes?: number;
}

const MAX_REDIRECTS = 5;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The document at a file path or an http(s) URL.
 *
 * @throws ContractError of one line if it cannot be read or is no OpenAPI 3 document; a URL is named without credentials and
 * query
 */
export async function loadDocument(
  location: string,
  { timeoutMs = 30_000, maxBytes = MAX_DOCUMENT_BYTES }: FetchLimits = {},
): Promise<ContractDocument> {
  if (!/^https?:\/\//i.test(location)) return readDocument(location);
  if (!URL.canParse(location)) throw new ContractError("the URL is not valid");
  const url = new URL(location);
  if (url.username !== "" || url.password !== "") {
    throw refusal(url, "credentials in a URL are not sent; download the file instead");
  }
  const signal = AbortSignal.timeout(timeoutMs);
  let at = url;
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const headers = { accept: "application/json, application/yaml, */*" };
      const response = await fetch(at, { redirect: "manual", signal, headers });
      if (response.status === 200) return parseDocumentText(shown(url), await readAll(response, maxBytes, at));
      await response.body?.cancel();
      at = nextLocation(response, at);
    }
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw refusal(at, signal.aborted ? `no complete response within ${timeoutMs / 1000} s` : rootMessage(error));
  }
  throw refusal(url, `more than ${MAX_REDIRECTS} redirects`);
}

function refusal(url: URL, problem: string): ContractError {
  return new ContractError(`cannot get ${shown(url)}: ${problem}`);
}

/** A URL as it may be shown: its credentials, query and fragment can hold a token. */
function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

function nextLocation(response: Response, from: URL): URL {
  const location = response.headers.get("location");
  if (!REDIRECT_STATUSES.has(response.status) || location === null) {
    throw refusal(from, `the status is ${response.status} ${response.statusText}`.trimEnd());
  }
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  // Never from https to http.
  if (to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:")) return to;
  throw refusal(from, "it redirects to a URL that is not followed");
}

async function readAll(response: Response, maxBytes: number, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (size > maxBytes) throw refusal(url, `the body has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What fetch's "fetch failed" hides is in its cause. */
function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  if (error.cause instanceof AggregateError) return rootMessage(error.cause.errors[0]);
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message.split("\n", 1).join("");
}
