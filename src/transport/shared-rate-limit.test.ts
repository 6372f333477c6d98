import { expect, it } from "vitest";
import { operations } from "../../generated/operations.js";
import type { Send, TransportRequest } from "./pipeline.js";
import { retry } from "./retry.js";

const policy = { maxAttempts: 4, maxDelayMs: 1_000 };

const request = (operation: TransportRequest["operation"]): TransportRequest => ({
  operation,
  url: "http://127.0.0.1/",
  target: "/",
  headers: {},
  body: undefined,
  signal: undefined,
  enveloped: false,
});
const creation = request(operations.createGroupServiceAccountSecret);
const deletion = request(operations.deleteOrgServiceAccountSecret);

/** Refuses `refusals` creations and takes everything else; `between` runs while a creation is refused. */
function server(refusals: number, between: (send: Send) => Promise<unknown>) {
  const sent = { creations: 0 };
  const stage = retry({ policy, random: () => 0 });
  const answer = (status: number) => ({ status, headers: new Headers({ "retry-after": "0" }), text: "" });
  const others = stage(async () => answer(204));
  const send = stage(async ({ operation }) => {
    if (operation !== creation.operation) return answer(204);
    sent.creations += 1;
    if (sent.creations > refusals) return answer(201);
    await between(others);
    return answer(429);
  });
  return { sent, send };
}

it("a refusal while other calls of the client get through uses no attempt", async () => {
  const { sent, send } = server(6, (others) => others(deletion));
  expect(await send(creation)).toMatchObject({ status: 201 });
  expect(sent.creations).toBe(7);
});

it("refusals with nothing else getting through use up the attempts", async () => {
  const { sent, send } = server(6, async () => undefined);
  expect(await send(creation)).toMatchObject({ status: 429 });
  expect(sent.creations).toBe(4);
});

it("what got through before the call was made is no reason to go on", async () => {
  const { sent, send } = server(6, async () => undefined);
  await send(deletion);
  expect(await send(creation)).toMatchObject({ status: 429 });
  expect(sent.creations).toBe(4);
});

it("other calls that are refused as well are no reason to go on", async () => {
  const { sent, send } = server(100, async () => undefined);
  expect(await Promise.all([send(creation), send(creation)])).toMatchObject([{ status: 429 }, { status: 429 }]);
  expect(sent.creations).toBe(8);
});
