/** Commits that do not come home: the asker is told why, and the line that ends it. */

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { sampleResult } from "../../support/tasks.ts";
import { until } from "../../support/until.ts";
import { type Hosts, hosts } from "./hosts.ts";

setDefaultTimeout(60_000);

let two: Hosts;
beforeEach(async () => {
  two = await hosts();
});
afterEach(() => two[Symbol.asyncDispose]());

for (const [why, detail, fix] of [
  ["failed", "/home/a/hydrate is not read (missing)", "mend that, then peernet task fetch loader"],
  ["link", "it holds a link that leads out of the tree", 'peernet task say loader "…"'],
  ["refused", "git refuses them (index)", "peernet task discard loader, then run it again"],
] as const) {
  test(`commits that are not imported (${why}) are told with the line that ends it`, async () => {
    const { task } = await two.run({ name: "loader" });
    const order = await two.started(task.task_id);
    const tree = new Uint8Array(600).fill(9);
    const bundle = { bytes: tree.length, sha256: new Bun.SHA256().update(tree).digest("hex") };
    two.keeper.parts.set(`${task.task_id} 1 tree`, tree);
    two.asking.unimported = { imported: false, why, detail };
    const { measured } = sampleResult(task.task_id);
    two.keeper.finish(order, { measured: { ...measured, commit: "b".repeat(40), bundle } });
    await until("the asker was told", async () => {
      const { messages } = await two.laptop.calls.inbox({ all: true });
      return messages.length > 0;
    });
    const { messages } = await two.laptop.calls.inbox({ all: true });
    const { text } = await two.laptop.calls["inbox/show"]({ id: messages[0]?.message_id ?? "" });
    expect(text).toContain(`its commit is not here: ${detail}\nto bring it here: ${fix}\n`);
    const { home } = await two.laptop.calls["tasks/get"]({ task: "loader" });
    expect(home).toEqual({ due: false, says: detail, fix });
    const refused = await two.laptop.calls["tasks/fetch"]({ task: "loader" }).catch((e) => e);
    expect([refused.code, refused.message, refused.hint]).toEqual([
      ...["task_state", `its commit is not here: ${detail}`, fix],
    ]);
    two.asking.unimported = null;
    const { ref } = await two.laptop.calls["tasks/fetch"]({ task: "loader" });
    expect(ref).toStartWith("refs/peernet/mini/loader-");
    expect((await two.laptop.calls["tasks/get"]({ task: "loader" })).home).toBeNull();
  });
}
