/**
 * The server of the per-call measurement: answers at once, keeps connections alive, and takes any credential for good.
 */
import { createServer } from "node:http";

const SECRET = JSON.stringify({
  createdAt: "2025-05-04T09:42:00Z",
  expiresAt: "2025-05-04T17:42:00Z",
  id: "32b6e34b3d91647abb20e7b8",
  maskedSecretValue: "mdb_sa_sk_...",
  secret: "mdb_sa_sk_fake-secret-of-the-bench-0123456789",
});
const TOKEN = JSON.stringify({ access_token: "bench-access-token", expires_in: 3600, token_type: "Bearer" });

/** As many headers as Atlas sends. */
const COMMON = {
  "strict-transport-security": "max-age=31536000; includeSubdomains;",
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
  "x-mongodb-service-version": "gitHash=0000000000000000000000000000000000000000; versionString=bench",
  "x-envoy-upstream-service-time": "1",
  "ratelimit-limit": "1000",
  "ratelimit-remaining": "999",
  server: "mdbws",
};

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume().once("end", () => {
    if (request.url === "/api/oauth/token") {
      answer(response, 200, { "content-type": "application/json" }, TOKEN);
    } else if (request.headers.authorization === undefined) {
      const challenge =
        'Digest realm="MMS Public API", domain="", nonce="YmVuY2gtbm9uY2UtMDEyMzQ1Njc4OQ==", algorithm=MD5, qop="auth", stale=false';
      answer(response, 401, { "www-authenticate": challenge, "content-type": "application/json" }, "{}");
    } else if (request.method === "POST") {
      answer(response, 201, { "content-type": "application/vnd.atlas.2024-08-05+json;charset=utf-8" }, SECRET);
    } else {
      response.writeHead(204, COMMON).end();
    }
  });
});

function answer(response, status, headers, body) {
  response.writeHead(status, { ...COMMON, ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}

server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}`));
process.on("disconnect", () => process.exit());
