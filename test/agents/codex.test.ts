/**
 * Codex, as its user sees it: the handle at its first prompt, and the reported states of the
 * session.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { codex, codexRun, seedCodex, trustHooks } from "./support/codex.ts";
import { tell, withClients } from "./support/driving.ts";
import { machine } from "./support/machine.ts";
import { model } from "./support/model.ts";
import { events, headless, isIn, says, setUp, soon } from "./support/peernet.ts";
import { keys } from "./support/terminal.ts";

const test = withClients("codex");
setDefaultTimeout(240_000);

test("a session of Codex takes its handle at its first prompt, and says what it does", async () => {
  using stub = model();
  await using mini = machine("mini", ["codex"]);
  seedCodex(mini, stub);
  await setUp(mini);
  const startedMs = performance.now();
  await using session = codex(mini);
  await trustHooks(session);
  expect(await mini.handles()).toEqual([]);

  const escalated = { sandbox_permissions: "require_escalated", justification: "to see" };
  stub.next({ call: "exec_command", with: { cmd: "true", ...escalated } }, { say: "It is done." });
  const answer = stub.hold();
  await session.prompt("make a file please", stub);
  await session.sees("peernet: live as mini/hydrate");
  await says(mini, "working");
  expect(await mini.handles()).toMatchObject([{ handle: "mini/hydrate", harness: "codex" }]);
  answer();
  await session.sees("Would you like to run the following command");
  await says(mini, "waiting");
  const rest = stub.hold();
  await session.press("y", () => isIn(mini, "working"));
  rest();
  await session.sees("It is done.");
  await says(mini, "idle");

  const never = stub.hold();
  await session.prompt("and another", stub);
  await says(mini, "working");
  await session.press(keys.escape, () => isIn(mini, "idle"));
  never();
  tell("Codex through its states", startedMs);
});

test("codex exec takes a handle only with sessions.headless", async () => {
  using stub = model();
  await using mini = machine("mini", ["codex"]);
  seedCodex(mini, stub);
  await setUp(mini);
  const session = codex(mini);
  await trustHooks(session);
  await session.kill();
  expect(await codexRun(mini, "hello")).toContain("done");
  expect(await events(mini, "activate")).toBe(0);
  await headless(mini);
  expect(await codexRun(mini, "hello")).toContain("done");
  expect(await events(mini, "activate")).toBe(1);
  await soon("its handle is released", async () => (await mini.handles()).length === 0);
});
