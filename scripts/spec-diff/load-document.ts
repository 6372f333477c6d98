/**
 * Gets a document from a file or a URL, within limits: a comparison must neither hang nor fill the memory.
 */
import { type ContractDocument, ContractError } from "../../contract-tests/contract/document.js";
import { MAX_DOCUMENT_BYTES, parseDocumentText, readDocument } from "../../contract-tests/contract/read-document.js";

/**
 * The document at a file path or an http(s) URL.
 *
 * @param limits of a download: the time for everything, redirects and body included, and the bytes of the body, unpacked
 * @throws ContractError of one line if it cannot be read or is no OpenAPI 3 document; a URL is named without credentials and
 * query
 */
export async function loadDocument(
  location: string,
  { timeoutMs = 30_000, maxBytes = MAX_DOCUMENT_BYTES } = {},
): Promise<ContractDocument> {
  if (!/^https?:\/\//i.test(location)) return readDocument(location);
  if (!URL.canParse(location)) throw new ContractError("the URL is not valid");
  const { protocol, host, pathname, username, password } = new URL(location);
  // Credentials, query and fragment can hold a token.
  const shown = `${protocol}//${host}${pathname}`;
  const refusal = (problem: string) => new ContractError(`cannot get ${shown}: ${problem}`);
  if (username !== "" || password !== "") {
    throw refusal("credentials in a URL are not sent; download the file instead");
  }
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(location, { signal, headers: { accept: "application/json, application/yaml, */*" } });
    if (response.status !== 200) throw refusal(`the status is ${response.status} ${response.statusText}`.trimEnd());
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      // Leaving the loop cancels the rest of the body.
      if (size > maxBytes) throw refusal(`the body has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return parseDocumentText(shown, Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw refusal(signal.aborted ? `no complete response within ${timeoutMs / 1000} s` : rootMessage(error));
  }
}

/** What fetch's "fetch failed" hides is in its cause. */
function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  if (error.cause instanceof AggregateError) return rootMessage(error.cause.errors[0]);
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message.split("\n", 1).join("");
}
