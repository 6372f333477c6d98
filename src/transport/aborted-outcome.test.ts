import { describe, expect, it } from "vitest";
import { finishOnceSent, outcomeOf } from "../index.js";
import { creation, deletion, scripted } from "../testing/scripted-client.js";
import { hang, reply } from "../testing/scripted-server.js";

const aborted = (call: Promise<unknown>) => call.catch((error: unknown) => error);

describe("outcomeOf", () => {
  it("of an abort between two attempts is unknown if the first may have been applied", async () => {
    const controller = new AbortController();
    const { atlas } = await scripted([reply(503)], { onRetry: () => controller.abort(new Error("enough")) });
    const reason = await aborted(atlas.deleteOrgServiceAccountSecret(deletion, { signal: controller.signal }));
    expect(reason).toBe(controller.signal.reason);
    expect(outcomeOf(reason)).toBe("unknown");
  });

  it("of an abort between two attempts is not-applied if the first was refused", async () => {
    const controller = new AbortController();
    const { atlas } = await scripted([reply(429)], { onRetry: () => controller.abort(new Error("enough")) });
    const reason = await aborted(atlas.createGroupServiceAccountSecret(creation, { signal: controller.signal }));
    expect(outcomeOf(reason)).toBe("not-applied");
  });

  it("of an abort before anything was sent is not-applied", async () => {
    const { atlas } = await scripted([]);
    const signal = finishOnceSent(AbortSignal.abort(new Error("enough")));
    const reason = await aborted(atlas.createGroupServiceAccountSecret(creation, { signal }));
    expect(outcomeOf(reason)).toBe("not-applied");
  });

  it("of an abort while a request is under way is unknown", async () => {
    const controller = new AbortController();
    const { atlas } = await scripted(() => {
      controller.abort(new Error("enough"));
      return hang;
    });
    const reason = await aborted(atlas.createGroupServiceAccountSecret(creation, { signal: controller.signal }));
    expect(outcomeOf(reason)).toBe("unknown");
  });

  it("of what no call rejected with is undefined", () => {
    expect(outcomeOf(new Error("none"))).toBeUndefined();
    expect(outcomeOf("none")).toBeUndefined();
  });
});
