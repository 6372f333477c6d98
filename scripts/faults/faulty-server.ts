/**
 * A server of the two operations that does its work and answers as chance has it.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { honest } from "./exchange.js";
import { chooseFault } from "./faults.js";
import { FOLLOWED } from "./judge.js";
import type { Ledger } from "./ledger.js";
import { seededRandom } from "./seeded-random.js";

/** Says which call a request belongs to, so that what the server did can be laid beside what the client said. */
export const CALL_HEADER = "x-fault-call";

export interface FaultyServer {
  readonly url: string;
  /** Resolves when the server has done all that it is going to do, also what it does after the client has gone. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultyServer(ledger: Ledger, seed: number, timeoutMs: number): Promise<FaultyServer> {
  const busy = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const work = serve(request, response).finally(() => busy.delete(work));
    busy.add(work);
  });
  // Half of the faults end a connection; that is no failure of the server's.
  server.on("connection", (socket) => socket.on("error", () => undefined));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await hasArrived(request))) return;
    const call = Number(request.headers[CALL_HEADER]);
    const { method = "", url = "" } = request;
    const attempt = ledger.arrivals(call).length;
    const random = seededRandom(seed, "server", call, attempt);
    const [path = "", query = ""] = url.split("?");
    const fault = path.endsWith("/elsewhere") ? { name: FOLLOWED, run: honest } : chooseFault(random);
    const arrival = ledger.arrived(call, { method, fault: fault.name });
    arrival.proof = await fault.run({
      response,
      random,
      success: method === "POST" ? 201 : 204,
      enveloped: new URLSearchParams(query).get("envelope") === "true",
      longerThanTimeoutMs: timeoutMs * 1.5,
      apply() {
        if (method === "DELETE") return ledger.delete(call, path.split("/").at(-1) ?? "") ? "none" : undefined;
        const { id, value } = ledger.create(call);
        const [createdAt, expiresAt] = ["2025-05-04T09:42:00Z", "2025-05-04T17:42:00Z"];
        return { id, createdAt, expiresAt, maskedSecretValue: "mdb_sa_sk_...", secret: value };
      },
    });
  }

  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async idle() {
      while (busy.size > 0) await Promise.all(busy);
    },
    async close() {
      const closed = once(server, "close");
      server.close().closeAllConnections();
      await closed;
    },
  };
}

/** Reads the request to its end; false where the client gave it up before. */
async function hasArrived(request: IncomingMessage): Promise<boolean> {
  try {
    for await (const _chunk of request);
    return true;
  } catch {
    return false;
  }
}
