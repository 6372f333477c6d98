/**
 * Where a request is lost before it is sent: nobody listens, or the TLS handshake fails.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { SeededRandom } from "../../src/testing/atlas/seeded-random.js";

export interface DeafServer {
  readonly origin: string;
  /** Whether the platform's error is one that a request which was sent can end with too: then the outcome is unknown. */
  readonly looksHeard: boolean;
}

export interface DeafServers {
  pick(random: SeededRandom): DeafServer;
  close(): Promise<void>;
}

/** A port that needs privileges, with no service assigned to it: nobody listens there, and fetch does not block it. */
const NOBODY: DeafServer = { origin: "http://127.0.0.1:2", looksHeard: false };

export async function startDeafServers(): Promise<DeafServers> {
  // What it is for is that a handshake fails, in each of these ways.
  const resetting = answering((socket) => socket.resetAndDestroy());
  const closing = answering((socket) => socket.end());
  const plainHttp = answering((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const withoutCertificate = createTlsServer({}).on("tlsClientError", () => undefined);
  const servers = [resetting, closing, plainHttp, withoutCertificate];
  const deaf = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("the server has no port");
      return { origin: `https://127.0.0.1:${address.port}`, looksHeard: server === resetting };
    }),
  );
  return {
    pick: (random) => random.pick([NOBODY, ...deaf]),
    async close() {
      await Promise.all(servers.map((server) => once(server.close(), "close")));
    },
  };
}

function answering(respond: (socket: Socket) => void): Server {
  return createServer((socket) => {
    socket.on("error", () => undefined).once("data", () => respond(socket));
  });
}
