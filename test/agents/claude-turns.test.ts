/** Claude Code where a session goes on: continued, compacted, denied a tool, left by its model. */

import { expect, setDefaultTimeout } from "bun:test";
import { best } from "./support/best.ts";
import { claude, prepared } from "./support/claude.ts";
import { withClients } from "./support/driving.ts";
import type { Machine } from "./support/machine.ts";
import { model } from "./support/model.ts";
import { events, isIn, says, soon } from "./support/peernet.ts";
import { keys } from "./support/terminal.ts";

const test = withClients("claude");
setDefaultTimeout(240_000);

/**
 * The time for the keeper to read from Claude Code's own file a state that no hook reports, and a
 * second for a loaded machine.
 */
const seenMsMax = 5_000 + 1_000;

/** The handles of a machine, and the number of its sessions that took one until now. */
const held = async (mini: Machine): Promise<readonly [string, number]> => {
  const handles = (await mini.handles()).map(({ handle }) => handle);
  return [handles.join(), await events(mini, "activate")];
};

test("claude --continue keeps the handle, in a new process", async () => {
  using stub = model();
  await using mini = await prepared();
  await using first = claude(mini, stub);
  await first.sees("peernet: live as mini/hydrate");
  await first.prompt("hello", stub);
  await first.sees("done");
  await first.press(keys.interrupt, async () => first.ended());
  await soon("it is released", async () => (await mini.handles()).length === 0);
  await using second = claude(mini, stub, "--continue");
  await soon("it is live again", async () => (await mini.handles()).length === 1);
  expect(second.pid).not.toBe(first.pid);
  const answer = stub.hold();
  await second.prompt("and again", stub);
  await says(mini, "working");
  answer();
  await says(mini, "idle");
  expect(await held(mini)).toEqual(["mini/hydrate", 2]);
  // The name is this session's alone: another takes the next.
  await using other = claude(mini, stub);
  await other.sees("peernet: live as mini/hydrate-2");
});

test("/compact keeps the handle, and the session goes on", async () => {
  using stub = model();
  await using mini = await prepared();
  await using session = claude(mini, stub);
  await session.sees("peernet: live as mini/hydrate");
  await session.prompt("hello", stub);
  await session.sees("done");
  const before = stub.requests.length;
  session.type("/compact");
  await session.sees("/compact");
  await session.press(keys.enter, async () => stub.requests.length > before);
  await session.sees("Compacted");
  expect(await held(mini)).toEqual(["mini/hydrate", 1]);
  const answer = stub.hold();
  stub.next({ say: "It went on." });
  await session.prompt("does it go on?", stub);
  await says(mini, "working");
  answer();
  await session.sees("It went on.");
  await says(mini, "idle");
  expect([await held(mini), await events(mini, "deactivate")]).toEqual([["mini/hydrate", 1], 0]);
});

test("a permission that is denied is seen within 5 s", async () => {
  const tookMs = await best("a denied permission", seenMsMax, async () => {
    using stub = model();
    await using mini = await prepared();
    await using session = claude(mini, stub);
    await session.sees("peernet: live as mini/hydrate");
    stub.next({ call: "Bash", with: { command: "touch made.txt", description: "make a file" } });
    await session.prompt("make a file please", stub);
    await session.sees("Do you want to proceed?");
    await says(mini, "waiting");
    const startedMs = performance.now();
    await session.press(keys.escape, async () => !(await isIn(mini, "waiting")));
    await says(mini, "idle");
    const endedMs = performance.now();
    expect(mini.read("src/hydrate/made.txt")).toBeNull();
    return endedMs - startedMs;
  });
  expect(tookMs).toBeLessThanOrEqual(seenMsMax);
});

test("a model that fails ends the turn: the hook alone says idle", async () => {
  using stub = model();
  await using mini = await prepared();
  await using session = claude(mini, stub);
  await session.sees("peernet: live as mini/hydrate");
  const answer = stub.hold();
  stub.next({ fail: 500 });
  await session.prompt("hello", stub);
  await says(mini, "working");
  mini.endKeeper();
  answer();
  await session.sees("API Error");
  await says(mini, "idle");
});
