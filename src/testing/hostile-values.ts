/**
 * For tests: what a careless or malicious program may pass as an id or an object.
 */

/** Throws whatever is asked of it. */
export function unreadable(): object {
  const everyTrap: ProxyHandler<object> = new Proxy(
    {},
    {
      get(_, trap) {
        throw new Error(String(trap));
      },
    },
  );
  return new Proxy({}, everyTrap);
}

/** Throws even when it is asked whether it is an array. */
export function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

export const hex = "5f0c1a2b3c4d5e6f70819203";

/** What is put in the place of an id, with how the error quotes it. */
export function hostileValues(valid: string): readonly (readonly [string, unknown, string])[] {
  return [
    ["..", "..", '".."'],
    [".", ".", '"."'],
    ["nothing at all", "", '""'],
    ["encoded dots", "%2e%2e", '"%2e%2e"'],
    ["encoded dots in capitals", "%2E%2E", '"%2E%2E"'],
    ["a slash", "a/b", '"a/b"'],
    ["a backslash", "..\\..", '"..\\\\.."'],
    ["an encoded slash", "..%2F..", '"..%2F.."'],
    ["a query", "?x", '"?x"'],
    ["a fragment", "#", '"#"'],
    ["NUL", "\0", '"\\u0000"'],
    ["a line break behind", `${valid}\n`, JSON.stringify(`${valid}\n`)],
    ["a line break before", `\r\n${valid}`, JSON.stringify(`\r\n${valid}`)],
    ["a space behind", `${valid} `, JSON.stringify(`${valid} `)],
    ["a digit too many", `${valid}0`, JSON.stringify(`${valid}0`)],
    ["a digit too few", valid.slice(0, -1), JSON.stringify(valid.slice(0, -1))],
    ["a digit that is none", `${valid.slice(0, -1)}g`, JSON.stringify(`${valid.slice(0, -1)}g`)],
    ["a digit of another script", `${valid.slice(0, -1)}٣`, JSON.stringify(`${valid.slice(0, -1)}٣`)],
    ["the other's form", valid.startsWith("mdb") ? hex : `mdb_sa_id_${hex}`, '"'],
    ["capitals", valid.toUpperCase(), JSON.stringify(valid.toUpperCase())],
    ["a number", 5, "5"],
    ["NaN", Number.NaN, "NaN"],
    ["a big integer", 5n, '"5n"'.slice(1, -1)],
    ["true", true, "true"],
    ["null", null, "null"],
    ["undefined", undefined, ""],
    ["an array of it", [valid], "an array of 1"],
    ["an object", {}, "an object"],
    ["an object that becomes it", { toString: () => valid, toJSON: () => valid }, "an object"],
    ["a String object", new String(valid), "an object"],
    ["a function", () => valid, "a function"],
    ["a symbol", Symbol(valid), "a symbol"],
    ["a proxy that throws", unreadable(), "an object"],
    ["a revoked proxy", revoked({}), "an object"],
    ["a revoked proxy of an array", revoked([]), "an object"],
  ];
}
