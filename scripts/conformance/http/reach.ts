/**
 * Whether there is a server at all.
 */
import { connect, isIP } from "node:net";
import { connect as connectSecurely } from "node:tls";

/** Nothing can be reached where the target should be. */
export class Unreachable extends Error {
  static {
    Unreachable.prototype.name = "Unreachable";
  }
}

/**
 * Makes a connection, with https a secure one, and closes it.
 *
 * @throws Unreachable where none can be made in time.
 */
export function reach(url: string, timeoutMs: number): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const secure = protocol === "https:";
  return new Promise((resolve, reject) => {
    const socket = secure
      ? connectSecurely({ host, port: Number(port || 443), ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connect({ host, port: Number(port || 80) });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Unreachable(`${url} cannot be reached: ${why}`));
    };
    socket.setTimeout(timeoutMs);
    socket.once("error", (error) => fail("code" in error ? String(error.code) : error.message));
    socket.once("timeout", () => fail(`no connection within ${timeoutMs / 1000} s`));
    socket.once(secure ? "secureConnect" : "connect", () => {
      socket.destroy();
      resolve();
    });
  });
}
