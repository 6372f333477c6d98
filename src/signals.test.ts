import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createAtlasClient } from "./index.js";

const warnings: Error[] = [];
const remember = (warning: Error) => warnings.push(warning);

afterEach(() => {
  process.off("warning", remember);
});

it("fifty calls with one signal are no leak, and none of them stays attached", async () => {
  const server = createServer((request, response) => request.resume().on("end", () => response.writeHead(204).end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-token" }, baseUrl });
  const { signal } = new AbortController();
  let attached = 0;
  let most = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    attached += 1;
    most = Math.max(most, attached);
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    attached -= 1;
    removeEventListener.apply(signal, args);
  };
  process.on("warning", remember);
  const target = { orgId: "a".repeat(24), clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };
  const calls = Array.from({ length: 50 }, () => atlas.deleteOrgServiceAccountSecret(target, { signal }));
  await Promise.all(calls);
  // Warnings are emitted in a tick of their own.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings.map(({ name }) => name)).toEqual([]);
  expect(most).toBeGreaterThan(10);
  expect(attached).toBe(0);
  server.close();
  server.closeAllConnections();
});
