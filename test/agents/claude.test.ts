/**
 * Claude Code on a terminal, as its user sees it: the handle, and the reported states of the
 * session.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { best } from "./support/best.ts";
import { claude, claudeRun, prepared } from "./support/claude.ts";
import { tell, withClients } from "./support/driving.ts";
import { model } from "./support/model.ts";
import { events, headless, isIn, says, soon } from "./support/peernet.ts";
import { keys } from "./support/terminal.ts";

const test = withClients("claude");
setDefaultTimeout(240_000);

/** The time for the keeper to notice that a process is gone. */
const releasedMsMax = 5_000;

test("a session of Claude Code takes its handle at its start, and says what it does", async () => {
  using stub = model();
  await using mini = await prepared();
  const startedMs = performance.now();
  await using session = claude(mini, stub);
  await session.sees("SessionStart:startup says: peernet: live as mini/hydrate");
  await session.sees("(to leave: peernet deactivate hydrate)");
  expect(await mini.handles()).toMatchObject([
    { handle: "mini/hydrate", project: "hydrate", harness: "claude-code", state: "idle" },
  ]);

  const command = { command: "touch made.txt", description: "make a file" };
  stub.next({ call: "Bash", with: command }, { say: "It is made." });
  const answer = stub.hold();
  await session.prompt("make a file please", stub);
  await says(mini, "working");
  answer();
  await session.sees("Do you want to proceed?");
  await says(mini, "waiting");
  const rest = stub.hold();
  await session.press(keys.enter, () => isIn(mini, "working"));
  rest();
  await session.sees("It is made.");
  await says(mini, "idle");

  const never = stub.hold();
  await session.prompt("and another", stub);
  await says(mini, "working");
  session.type(keys.escape);
  const escaped = await says(mini, "idle");
  console.log(`Esc is seen in ${Math.round(escaped)} ms`);
  never();
  tell("Claude Code through its states", startedMs);
});

test("/clear keeps the handle, and says nothing a second time", async () => {
  using stub = model();
  await using mini = await prepared();
  await using session = claude(mini, stub);
  await session.sees("live as mini/hydrate");
  // The one place where Claude Code says which session its process is in now.
  const idNow = (): string | undefined =>
    /"sessionId":"[^"]+"/.exec(mini.read(`.claude/sessions/${session.pid}.json`) ?? "")?.[0];
  const before = idNow();
  session.type("/clear");
  await session.sees("/clear");
  await session.press(keys.enter, async () => idNow() !== before);
  const answer = stub.hold();
  stub.next({ say: "It is clear." });
  await session.prompt("is it clear?", stub);
  await says(mini, "working");
  answer();
  await session.sees("It is clear.");
  await says(mini, "idle");
  expect(await mini.handles()).toMatchObject([{ handle: "mini/hydrate" }]);
  expect([await events(mini, "activate"), await events(mini, "deactivate")]).toEqual([1, 0]);
  expect(session.text().match(/SessionStart:\w+ says/g)).toHaveLength(1);
});

test("a session that is killed is released within 5 s", async () => {
  const tookMs = await best("kill -9", releasedMsMax, async () => {
    using stub = model();
    await using mini = await prepared();
    await using session = claude(mini, stub);
    await session.sees("live as mini/hydrate");
    await session.kill();
    // The session and its machine go when this returns.
    return await soon("it is released", async () => (await mini.handles()).length === 0);
  });
  expect(tookMs).toBeLessThanOrEqual(releasedMsMax);
});

test("claude -p takes a handle only with sessions.headless", async () => {
  using stub = model();
  await using mini = await prepared();
  expect(await claudeRun(mini, stub, ["hello"])).toContain("done");
  expect(await events(mini, "activate")).toBe(0);
  await headless(mini);
  const answer = stub.hold();
  const run = claudeRun(mini, stub, ["hello"]);
  await says(mini, "working");
  answer();
  expect(await run).toContain("done");
  expect(await events(mini, "activate")).toBe(1);
  expect(await mini.handles()).toEqual([]);
});
