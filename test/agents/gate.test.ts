/**
 * The gate: two paired machines, a real agent on each, and one asks the other. Their models are on
 * loopback; the asked session's model is never called for it.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { Status } from "../../src/contract/peer.ts";
import { pairTwo } from "../scenario/pairing.ts";
import { claude, seedClaude } from "./support/claude.ts";
import { codex, seedCodex, trustHooks } from "./support/codex.ts";
import { tell, withClients } from "./support/driving.ts";
import { type Machine, machine } from "./support/machine.ts";
import { type Model, model } from "./support/model.ts";
import { says, setUp, soon } from "./support/peernet.ts";
import { keys } from "./support/terminal.ts";

const test = withClients("claude", "codex");
setDefaultTimeout(240_000);

const summary = "Port the sync client to streaming";

/** Two machines that are set up and paired. */
async function paired(mini: Machine, laptop: Machine): Promise<void> {
  for (const each of [mini, laptop]) await setUp(each);
  await pairTwo(mini, laptop);
}

/** The text for a session's model at its start: its own handle, and the handles that it can ask. */
const context =
  "This session is live on peernet as laptop/hydrate. Live on paired machines: 1 session on 1. " +
  "The tool list_peers names them.";

/** The text that a session's model received at its start, from its first turn. */
const toldAtStart = ({ turns }: Model): string | undefined =>
  /This session is live on peernet as [^"\\]*/.exec(turns[0]?.body ?? "")?.[0];

/** Resolves once a machine knows the other's handle, which a hello carries. */
const knows = (laptop: Machine, handle: string): Promise<number> =>
  soon(`${laptop.name} knows of ${handle}`, async () => {
    const { peers } = Status.parse(await laptop.json(["status"]));
    return peers.some(({ handles }) => handles.some((each) => each.handle === handle));
  });

/** The text that a model received as the result of its last call. */
const handed = ({ turns }: Model): string => turns.at(-1)?.results.at(-1) ?? "";

/** The asks on a machine's record, the oldest first. */
async function asks(place: Machine): Promise<readonly unknown[]> {
  const { out } = await place.run(["audit", "--verb", "ask", "--json"]);
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("Claude Code asks Claude Code on another machine", async () => {
  using answering = model();
  using asking = model();
  await using mini = machine("mini", ["claude"]);
  await using laptop = machine("laptop", ["claude"]);
  for (const each of [mini, laptop]) seedClaude(each);
  await paired(mini, laptop);
  const startedMs = performance.now();

  await using asked = claude(mini, answering);
  await asked.sees("peernet: live as mini/hydrate, laptop may ask");
  const toldMs = await knows(laptop, "mini/hydrate");
  console.log(`a handle is told in ${Math.round(toldMs)} ms`);
  await using asker = claude(laptop, asking);
  await asker.sees("peernet: live as laptop/hydrate, mini may ask");
  await mini.run(["summary", "--name", "hydrate", summary]);
  laptop.endKeeper();

  const question = { handle: "mini/hydrate", question: "what are you working on?" };
  asking.next({ call: "ask_peer", with: question }, { say: "It is on main." });
  await asker.prompt("see what mini is at", asking);
  await asker.sees("Do you want to proceed?");
  expect(toldAtStart(asking)).toBe(context);
  await says(laptop, "waiting");
  await asker.press(keys.enter, async () => handed(asking).includes("mini/hydrate"));
  await asker.sees("It is on main.");

  for (const fact of ["mini/hydrate", "hydrate", "main", summary, "claude-code", "untrusted"]) {
    expect(handed(asking)).toContain(fact);
  }
  expect(answering.requests).toEqual([]);
  const record = { outcome: "ok", harness: "claude-code" };
  const text = question.question;
  expect(await asks(laptop)).toMatchObject([
    { direction: "out", outcome: "asked", peer_name: "mini", text },
    { ...record, direction: "out", peer_name: "mini" },
  ]);
  expect(await asks(mini)).toMatchObject([
    { ...record, direction: "in", peer_name: "laptop", text },
  ]);

  await says(laptop, "idle");
  await asker.press(keys.interrupt, async () => asker.ended());
  await soon("the handle is released", async () => (await laptop.handles()).length === 0);
  tell("Claude Code asks Claude Code", startedMs);
});

test("Codex asks Claude Code on another machine, and is asked by it", async () => {
  using claudes = model();
  using codexs = model();
  await using mini = machine("mini", ["claude"]);
  await using laptop = machine("laptop", ["codex"]);
  seedClaude(mini);
  seedCodex(laptop, codexs);
  await paired(mini, laptop);
  const startedMs = performance.now();

  await using one = claude(mini, claudes);
  await one.sees("peernet: live as mini/hydrate, laptop may ask");
  await knows(laptop, "mini/hydrate");
  await mini.run(["summary", "--name", "hydrate", summary]);
  await using other = codex(laptop);
  await trustHooks(other);
  expect(await laptop.handles()).toEqual([]);

  const question = { handle: "mini/hydrate", question: "what are you working on?" };
  codexs.next({ call: "ask_peer", with: question }, { say: "It is on main." });
  await other.prompt("see what mini is at", codexs);
  await other.sees("peernet: live as laptop/hydrate, mini may ask");
  await other.sees("It is on main.");
  expect(toldAtStart(codexs)).toBe(context);
  for (const fact of ["mini/hydrate", "main", summary, "claude-code", "untrusted"]) {
    expect(handed(codexs)).toContain(fact);
  }
  expect(claudes.requests).toEqual([]);
  expect(await asks(mini)).toMatchObject([{ direction: "in", outcome: "ok" }]);
  await says(laptop, "idle");
  const before = codexs.requests.length;
  tell("Codex asks Claude Code", startedMs);

  claudes.next({ call: "ask_peer", with: { handle: "laptop/hydrate" } }, { say: "It is idle." });
  await one.prompt("see what laptop is at", claudes);
  await one.sees("Do you want to proceed?");
  await one.press(keys.enter, async () => handed(claudes).includes("laptop/hydrate"));
  await one.sees("It is idle.");
  for (const fact of ["hydrate", "main", "codex", "idle"]) expect(handed(claudes)).toContain(fact);
  expect(codexs.requests).toHaveLength(before);
  expect(await asks(laptop)).toMatchObject([
    { direction: "out", outcome: "asked" },
    { direction: "out", outcome: "ok" },
    { direction: "in", outcome: "ok", peer_name: "mini", handle: "hydrate" },
  ]);
  tell("Claude Code asks Codex", startedMs);
});
