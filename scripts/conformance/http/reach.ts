/**
 * Whether there is a server at all.
 */
import { connect } from "node:net";

/** Nothing can be reached where the target should be. */
export class Unreachable extends Error {
  static {
    Unreachable.prototype.name = "Unreachable";
  }
}

/**
 * Makes a connection and closes it.
 *
 * @throws Unreachable where none can be made in time.
 */
export function reach(url: string, timeoutMs: number): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port || (protocol === "https:" ? 443 : 80)), timeout: timeoutMs });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Unreachable(`${url} cannot be reached: ${why}`));
    };
    socket.once("error", (error) => fail("code" in error ? String(error.code) : error.message));
    socket.once("timeout", () => fail(`no connection within ${timeoutMs / 1000} s`));
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}
