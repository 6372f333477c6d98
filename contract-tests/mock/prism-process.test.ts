/**
 * The child process that Prism runs in, and what becomes of it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { type PrismProcess, startPrism } from "./prism-process.js";
import { exchange } from "./testing/exchange.js";
import { type ContractFile, otherContract, writeContract } from "./testing/other-contract.js";

let contract: ContractFile | undefined;
let prism: PrismProcess | undefined;
afterEach(async () => {
  await prism?.stop();
  await contract?.remove();
});

it("Prism listens on loopback until it is stopped", async () => {
  contract = await writeContract(otherContract);
  const failures: Error[] = [];
  prism = await startPrism(contract.path, (failure) => failures.push(failure));
  expect(prism.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await exchange(prism.url, { path: "/news" })).toMatchObject({ status: 200 });
  await prism.stop();
  await expect(exchange(prism.url, { path: "/news" })).rejects.toHaveProperty("code", "ECONNREFUSED");
  expect(failures).toEqual([]);
});

it("a Prism that ends by itself is reported once, in one line", async () => {
  contract = await writeContract(otherContract);
  const failure = new Promise<Error>((resolve) => {
    if (contract !== undefined) startPrism(contract.path, resolve).then(({ pid = 0 }) => process.kill(pid, "SIGKILL"));
  });
  expect(await failure).toHaveProperty("message", "Prism was ended by SIGKILL");
});

it("a Prism that cannot start says why in one line", async () => {
  contract = await writeContract("openapi: [");
  await expect(startPrism(contract.path, () => {})).rejects.toHaveProperty(
    "message",
    expect.stringMatching(/^Prism ended \(exit code 1\): .+$/),
  );
});

it("a Prism whose parent is killed ends too", async () => {
  contract = await writeContract(otherContract);
  const program = `
    import { startPrism } from ${JSON.stringify(new URL("./prism-process.ts", import.meta.url).href)};
    console.log((await startPrism(${JSON.stringify(contract.path)}, () => {})).url);`;
  const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = await once(createInterface({ input: parent.stdout }), "line");
  expect(await exchange(url, { path: "/news" })).toMatchObject({ status: 200 });
  parent.kill("SIGKILL");
  // Connections without a request: to log one into the broken pipe would end Prism as well.
  await expect.poll(() => connectionTo(url), { timeout: 10_000 }).toBe("ECONNREFUSED");
});

/** What becomes of an attempt to connect. */
function connectionTo(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once("connect", () => {
      socket.destroy();
      resolve("connected");
    });
  });
}
