/**
 * Where a request is lost before it is sent: nobody listens, or the TLS handshake fails.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { SeededRandom } from "./seeded-random.js";

export interface DeafServers {
  /** The origin of one of them. */
  pick(random: SeededRandom): string;
  close(): Promise<void>;
}

/** A port that needs privileges, with no service assigned to it: nobody listens there, and fetch does not block it. */
const NOBODY = "http://127.0.0.1:2";

export async function startDeafServers(): Promise<DeafServers> {
  const servers: Server[] = [
    // Closes the connection when the client has sent the first of the handshake.
    answering((socket) => socket.end()),
    // Speaks plain HTTP behind https.
    answering((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    // Has no certificate, so that no cipher is left.
    createTlsServer({}),
  ];
  const origins = await Promise.all(
    servers.map(async (server) => {
      // The failed handshake is what it is for.
      server.on("tlsClientError", () => undefined);
      await once(server.listen(0, "127.0.0.1"), "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("the server has no port");
      return `https://127.0.0.1:${address.port}`;
    }),
  );
  return {
    pick: (random) => random.pick([NOBODY, ...origins]),
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
