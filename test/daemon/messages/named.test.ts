/** Messages by the names that people know: of handles in a grant, and of entries in the outbox. */

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { sent, stagesOf, two } from "./exchange.ts";

describe("send", () => {
  test("a grant for other names refuses it, and denies no handle that is live", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const entries = [{ scope: "message", names: ["nope"] }] as const;
    const named = entries.map(({ scope, names }) => ({ scope, names: [...names] }));
    await mini.calls["peers/grant"]({ name: "laptop", entries: named });
    await until("laptop knows the names", async () => {
      const { grants } = await laptop.calls["peers/show"]({ name: "mini" });
      return grants.our_entries.some(({ names }) => names?.includes("nope") === true);
    });
    const refused = await sent(laptop, "mini/hydrate").catch((error) => error.body);
    expect(refused).toMatchObject({
      code: "scope_denied",
      message: "mini lets this machine leave messages for nope alone",
      hint: "on mini run: peernet peers grant laptop message:nope,hydrate",
    });
    await mini.calls["peers/grant"]({
      name: "laptop",
      entries: [{ scope: "message", names: null }],
    });
    // A wider grant is looked for before the old one refuses.
    expect((await sent(laptop, "mini/hydrate")).stage).toBe("stored");
  });

  test("waits in the outbox under its own id", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    await mini[Symbol.asyncDispose]();
    const { message_id } = await sent(laptop, "mini/hydrate");
    expect((await laptop.calls.outbox({})).entries.map(({ id }) => id)).toEqual([message_id]);
    await laptop.calls["outbox/drop"]({ id: message_id.slice(-8) });
    expect((await stagesOf(laptop, message_id)).at(-1)).toBe("refused: outbox");
  });
});
