import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { unreadable } from "../testing/hostile-values.js";
import { codeOf, reachOf } from "./network-failure.js";

const failure = (fields: object, message = "failed") => Object.assign(new Error(message), fields);
/** As undici's fetch wraps everything. */
const fetchFailed = (cause: unknown) => new TypeError("fetch failed", { cause });
/** As Node's net makes it when every address of a name has been tried. */
const severalAddresses = (...errors: Error[]) => fetchFailed(Object.assign(new AggregateError(errors), errors[0]));

/** As undici makes it, which differs by nothing but its stack. */
const destroyed = (by: string) =>
  failure({
    code: "UND_ERR_DESTROYED",
    stack: `ClientDestroyedError: The client is destroyed\n    at ${by} (undici.js:1:1)`,
  });
const halfReadable = () =>
  Object.defineProperty(failure({ code: "ECONNREFUSED" }), "message", {
    get: () => {
      throw new Error("no");
    },
  });

const refused = failure({ code: "ECONNREFUSED", syscall: "connect", errno: -111 });
const reset = failure({ code: "ECONNRESET", syscall: "read", errno: -104 });

describe("no connection was made", () => {
  it.each([
    ["refused", fetchFailed(refused)],
    ["refused at each of several addresses", severalAddresses(refused, refused)],
    [
      "unreachable at one address, refused at the other",
      severalAddresses(failure({ code: "ENETUNREACH", syscall: "connect" }), refused),
    ],
    ["a name that does not exist", fetchFailed(failure({ code: "ENOTFOUND", syscall: "getaddrinfo" }))],
    ["a name that cannot be looked up now", fetchFailed(failure({ code: "EAI_AGAIN", syscall: "getaddrinfo" }))],
    [
      "a name that a look-up of the caller's own did not find",
      fetchFailed(failure({ code: "ENOTFOUND", syscall: "queryA" })),
    ],
    ["a look-up of the caller's own that failed", fetchFailed(failure({ code: "ESERVFAIL", syscall: "queryAaaa" }))],
    ["such a look-up that got no response", fetchFailed(failure({ code: "ETIMEOUT", syscall: "queryA" }))],
    ["such a look-up that gave no address", fetchFailed(failure({ code: "ERR_INVALID_IP_ADDRESS" }))],
    ["a local address that is not there", fetchFailed(failure({ code: "EADDRNOTAVAIL", syscall: "bind" }))],
    ["Node's connect timeout", fetchFailed(failure({ code: "ERR_SOCKET_CONNECTION_TIMEOUT" }))],
    ["the kernel's connect timeout", fetchFailed(failure({ code: "ETIMEDOUT", syscall: "connect" }))],
    ["undici's connect timeout", fetchFailed(failure({ code: "UND_ERR_CONNECT_TIMEOUT" }))],
    ["no permission to connect", fetchFailed(failure({ code: "EACCES", syscall: "connect" }))],
    ["no route, the call not named", fetchFailed(failure({ code: "EHOSTUNREACH" }))],
    ["Bun's refusal, which is not wrapped", failure({ code: "ConnectionRefused" })],
    [
      "Deno's refusal",
      fetchFailed(new Error("client error (Connect): tcp connect error: Connection refused (os error 111)")),
    ],
    ["a port that fetch never calls", fetchFailed(new Error("bad port"))],
    [
      "a connection that ended within the TLS handshake",
      fetchFailed(
        failure(
          { code: "ECONNRESET" },
          "Client network socket disconnected before secure TLS connection was established",
        ),
      ),
    ],
    ["TLS spoken to something else", fetchFailed(failure({ code: "ERR_SSL_WRONG_VERSION_NUMBER" }))],
    ["no common version of TLS", fetchFailed(failure({ code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" }))],
    ["no common parameters of TLS", fetchFailed(failure({ code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" }))],
    ["the same, as newer OpenSSL says it", fetchFailed(failure({ code: "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE" }))],
    ["no common protocol above TLS", fetchFailed(failure({ code: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" }))],
    [
      "a proxy that refuses to connect",
      fetchFailed(
        new DOMException("Request was cancelled.", {
          name: "AbortError",
          cause: failure({ code: "UND_ERR_ABORTED" }, "Proxy response (502) !== 200 when HTTP Tunneling"),
        }),
      ),
    ],
    ["an agent that had been destroyed", fetchFailed(destroyed("Agent.dispatch"))],
    ["an agent that had been closed", fetchFailed(failure({ code: "UND_ERR_CLOSED" }))],
    ["a request that cannot be built", fetchFailed(failure({ code: "UND_ERR_INVALID_ARG" }, "invalid header"))],
    [
      "an error of another realm",
      runInNewContext(`new TypeError("x", { cause: Object.assign(new Error("y"), { code: "ECONNREFUSED" }) })`),
    ],
    ["an error whose other members throw", fetchFailed(halfReadable())],
    ["a cause of a cause", new Error("proxy", { cause: fetchFailed(refused) })],
  ])("%s", (_name, error) => {
    expect(reachOf(error)).toBe("not-connected");
  });
});

/** An error with so many causes below it, the last of which is a refused connection. */
const causes = (count: number): Error => (count === 0 ? refused : new Error("wrapped", { cause: causes(count - 1) }));

describe("a refused connection", () => {
  it("is found eight causes down, and no deeper", () => {
    expect(reachOf(causes(8))).toBe("not-connected");
    expect(reachOf(causes(9))).toBe("maybe-sent");
    expect(codeOf(causes(8))).toBe("ECONNREFUSED");
    expect(codeOf(causes(9))).toBeUndefined();
  });
});

describe("the request may have arrived", () => {
  const loop = new Error("loop");
  loop.cause = loop;
  const circle = new AggregateError([]);
  circle.errors.push(circle);
  it.each([
    ["a reset", fetchFailed(reset)],
    ["a broken pipe", fetchFailed(failure({ code: "EPIPE", syscall: "write" }))],
    ["undici's end of the connection", fetchFailed(failure({ code: "UND_ERR_SOCKET" }, "other side closed"))],
    ["a timeout of an established connection", fetchFailed(failure({ code: "ETIMEDOUT", syscall: "read" }))],
    [
      "a host that became unreachable while the response was awaited",
      fetchFailed(failure({ code: "EHOSTUNREACH", syscall: "read" })),
    ],
    [
      "a network that went away while the request was written",
      fetchFailed(failure({ code: "ENETUNREACH", syscall: "write" })),
    ],
    ["undici's wait for headers", fetchFailed(failure({ code: "UND_ERR_HEADERS_TIMEOUT" }))],
    ["one address refused, the other reset", severalAddresses(refused, reset)],
    ["one address refused, the other unknown", severalAddresses(refused, new Error("?"))],
    ["a list of no errors", fetchFailed(new AggregateError([]))],
    ["an error that says nothing", new TypeError("fetch failed")],
    ["a system call without a code", failure({ syscall: "connect" })],
    ["an error that causes itself", loop],
    ["a list of errors that has itself in it", circle],
    ["a code that is no text", failure({ code: Symbol("CERT_HAS_EXPIRED") })],
    ["a string", "ECONNREFUSED"],
    ["undefined", undefined],
    ["null", null],
    [
      "a TLS record that cannot be read, which may come after the request",
      fetchFailed(failure({ code: "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC" })),
    ],
    [
      "TLS 1.3's refusal of a client without a certificate, which comes after the request",
      fetchFailed(failure({ code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" })),
    ],
    ["an agent that was destroyed in the middle", fetchFailed(destroyed("Agent.destroy"))],
    ["an agent that was destroyed, who knows when", fetchFailed(failure({ code: "UND_ERR_DESTROYED", stack: "" }))],
    [
      "another failure where an agent sends",
      fetchFailed(Object.assign(destroyed("Agent.dispatch"), { code: "UND_ERR_SOCKET" })),
    ],
    [
      "a response of which fetch makes an error with a message, as it makes one without of a 407",
      failure({ stack: "Error: odd\n    at makeNetworkError (x:1:1)\n    at httpNetworkOrCacheFetch (x:1:1)" }, "odd"),
    ],
    [
      "a wrapper's words about a proxy around a reset",
      new Error("Proxy authentication required, or something else", { cause: reset }),
    ],
    ["an error whose members all throw", fetchFailed(unreadable())],
  ])("%s", (_name, error) => {
    expect(reachOf(error)).toBe("maybe-sent");
  });
});

describe("the certificate was refused, so the request was never sent", () => {
  it.each([
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "UNSPECIFIED",
  ])("%s", (code) => {
    expect(reachOf(fetchFailed(failure({ code })))).toBe("certificate-refused");
  });
});

describe("the code in a message", () => {
  it("is the first in the chain of causes", () => {
    expect(codeOf(fetchFailed(reset))).toBe("ECONNRESET");
    expect(codeOf(new Error("proxy", { cause: fetchFailed(refused) }))).toBe("ECONNREFUSED");
    expect(codeOf(fetchFailed(new AggregateError([refused, reset])))).toBe("ECONNREFUSED");
    expect(codeOf(failure({ code: "OUTER" }, "outer"))).toBe("OUTER");
  });

  it("is short, on one line, and shows no credential", () => {
    expect(codeOf(failure({ code: `E\u001b[31m\n mdb_sa_sk_planted ${"x".repeat(100)}` }))).toMatch(
      /^E mdb_sa_sk_… x{1,60}…$/,
    );
  });

  it("is none where none is a string, or nothing is an error", () => {
    expect(codeOf(failure({ code: 20 }))).toBeUndefined();
    expect(codeOf("ECONNRESET")).toBeUndefined();
    const loop = new Error("loop");
    loop.cause = loop;
    expect(codeOf(loop)).toBeUndefined();
  });
});
