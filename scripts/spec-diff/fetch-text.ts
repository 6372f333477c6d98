/**
 * Gets a text from a URL, within limits: a comparison must not hang, follow redirects without end or fill the memory.
 */
import { SpecDiffError } from "./document.js";

/** Limits of one download. */
export interface FetchLimits {
  /** Milliseconds for everything, redirects and body included. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Bytes of the body, unpacked. Default: 64 MiB; the official document has 3. */
  readonly maxBytes?: number;
}

/** The default of `maxBytes`, for files too. */
export const maxDocumentBytes = 64 * 1024 * 1024;
const defaultTimeoutMs = 30_000;
const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The body of the answer to GET `url`.
 * @throws SpecDiffError where it cannot be had; the message names the URL without credentials and query
 */
export async function fetchText(url: URL, limits: FetchLimits = {}): Promise<string> {
  const timeoutMs = limits.timeoutMs ?? defaultTimeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  let at = url;
  try {
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await fetch(at, {
        redirect: "manual",
        signal,
        headers: { accept: "application/json, application/yaml, */*" },
      });
      if (response.status === 200) return await readAll(response, limits.maxBytes ?? maxDocumentBytes, at);
      await response.body?.cancel();
      at = nextLocation(response, at);
    }
  } catch (error) {
    if (error instanceof SpecDiffError) throw error;
    const problem = signal.aborted ? `no whole answer within ${timeoutMs / 1000} s` : rootMessage(error);
    throw new SpecDiffError(`cannot get ${withoutSecrets(at)}: ${problem}`);
  }
  throw new SpecDiffError(`cannot get ${withoutSecrets(url)}: more than ${maxRedirects} redirects`);
}

/** A URL as it may be shown: its credentials, query and fragment can hold a token. */
export function withoutSecrets(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function nextLocation(response: Response, from: URL): URL {
  const location = response.headers.get("location");
  if (!redirectStatuses.has(response.status) || location === null) {
    throw new SpecDiffError(
      `cannot get ${withoutSecrets(from)}: it answers ${response.status} ${response.statusText}`.trimEnd(),
    );
  }
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const safe = to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:");
  if (to === undefined || !safe) {
    throw new SpecDiffError(`cannot get ${withoutSecrets(from)}: it redirects to somewhere that is not followed`);
  }
  return to;
}

async function readAll(response: Response, maxBytes: number, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (size > maxBytes)
      throw new SpecDiffError(`cannot get ${withoutSecrets(url)}: it answers more than ${maxBytes} bytes`);
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
