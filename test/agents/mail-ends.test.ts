/**
 * Sessions that end, begin again, or have nobody in front of them: no turn is started where nobody
 * sees it, no process stays behind, and a run without a person does not wait for a waker.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { claudeRun } from "./support/claude.ts";
import { withClients } from "./support/driving.ts";
import { left, mailMachine, opened, rowsOf, timesIn } from "./support/mail.ts";
import { model } from "./support/model.ts";
import { headless, says, soon } from "./support/peernet.ts";
import { scene, settled } from "./support/scene.ts";
import { keys } from "./support/terminal.ts";

const test = withClients("claude", "codex");
setDefaultTimeout(240_000);

/** A run of `claude -p` takes 3 s; one that waited for its waker would take a week. */
const runMsMax = 60_000;

const wakers = (on: Parameters<typeof rowsOf>[0]): number =>
  rowsOf(on, "SELECT pipe FROM waker").length;

test("claude -p does not wait for a waker, with a handle and without", async () => {
  using stub = model();
  await using mini = await mailMachine("mini", "claude", stub);
  for (const takesHandle of [false, true]) {
    if (takesHandle) await headless(mini);
    const startedMs = performance.now();
    expect(await claudeRun(mini, stub, ["hello"])).toContain("done");
    expect(performance.now() - startedMs).toBeLessThan(runMsMax);
    expect(wakers(mini)).toBe(0);
  }
});

test("a thread of Codex whose terminal was closed starts no turn", async () => {
  await using at = await scene("codex", null);
  const { mini, laptop, stub } = at;
  await at.session.press(keys.interrupt, async () => at.session.ended());
  const before = stub.turns.length;
  await left(laptop, "mini/hydrate", "TOKEN-closed");
  await soon("it is given up", async () =>
    rowsOf<{ wake: string | null }>(mini, "SELECT wake FROM reader").some(({ wake }) =>
      wake?.includes('"failed":"terminal"'),
    ),
  );
  expect(stub.turns.length).toBe(before);
});

test("of two terminals of Codex in one folder the one that is written to reads", async () => {
  await using at = await scene("codex", null);
  const { mini, laptop, stub } = at;
  await using other = await opened(mini, "codex", { stub, first: false });
  await other.prompt("and hello from the second", stub);
  await soon("both have a handle", async () => (await mini.handles()).length === 2);
  const [, second = ""] = (await mini.handles()).map(({ handle }) => handle).sort();
  await left(laptop, second, "TOKEN-second");
  await soon("it surfaced", async () =>
    rowsOf<{ state: string }>(mini, "SELECT state FROM handover").some(
      ({ state }) => state === "surfaced",
    ),
  );
  const read = rowsOf<{ name: string; session_id: string }>(mini, "SELECT * FROM handover");
  expect(read.map(({ name }) => `mini/${name}`)).toEqual([second]);
  await at.session.prompt("what of the first?", stub);
  const first = stub.turns.at(-1);
  expect(first?.body).toContain("what of the first?");
  expect(first === undefined ? null : timesIn(first, "TOKEN-second")).toBe(0);
  await other.prompt("what of the second?", stub);
  const last = stub.turns.at(-1);
  expect(last === undefined ? null : timesIn(last, "TOKEN-second")).toBe(1);
});

test("/clear keeps one waker, and a text that was read is not given again", async () => {
  await using at = await scene("claude", null);
  const { mini, laptop, stub, session } = at;
  await left(laptop, "mini/hydrate", "TOKEN-before");
  await soon("it surfaced", async () =>
    rowsOf<{ state: string }>(mini, "SELECT state FROM handover").some(
      ({ state }) => state === "surfaced",
    ),
  );
  await says(mini, "idle");
  session.type("/clear");
  await session.sees("/clear");
  const ids = (): number => rowsOf(mini, "SELECT DISTINCT session_id FROM reader").length;
  await session.press(keys.enter, async () => ids() === 2);
  await soon("one waker is left", async () => wakers(mini) === 1);
  await left(laptop, "mini/hydrate", "TOKEN-after");
  const times = await settled(at);
  expect([times("TOKEN-before"), times("TOKEN-after")]).toEqual([0, 1]);
  const given = stub.turns.filter((turn) => timesIn(turn, "TOKEN-before") > 0);
  expect(given.every((turn) => timesIn(turn, "TOKEN-before") === 1)).toBe(true);
});

test("kill -9 of Claude Code leaves no waker behind", async () => {
  await using at = await scene("claude", null);
  await soon("it waits", async () => wakers(at.mini) === 1);
  await at.session.kill();
  await soon("it is ended", async () => wakers(at.mini) === 0);
  const left = Bun.spawnSync(["pgrep", "-f", `peernet-waker ${at.mini.folder}`]);
  expect(left.stdout.toString()).toBe("");
});
