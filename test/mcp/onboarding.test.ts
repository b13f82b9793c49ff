/**
 * The tools' answers when something is missing, and the programs that they start and never start.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { untrustedPeerNotice } from "../../src/contract/mcp.ts";
import { hookCommand } from "../../src/harness/events.ts";
import { withHooks } from "../../src/harness/written-events.ts";
import { activate, pairTwo, root } from "../scenario/pairing.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Connected, connected } from "./support.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(60_000);

const command = hookCommand("claude-code", { command: ["/opt/peernet"], home: null });

const runs = ({ folder }: Home): boolean => existsSync(join(folder, "control.sock"));

const quiet = [
  ["list_peers", {}],
  ["set_summary", { summary: "x" }],
  ["deactivate_session", {}],
] as const;
const starting = [
  ["ask_peer", { handle: "mini/x" }],
  ["activate_session", { name: "x" }],
] as const;

const errorOf = async (agent: Connected, name: string, given: object) => {
  const { isError, facts, text } = await agent.call(name, { ...given });
  const { code, message, hint } = Object(facts.error);
  if (isError) expect(text).toStartWith(`error: ${message}\ncode: ${code}\nhint: ${hint}`);
  return { code, message, hint };
};

test("peernet_status names hooks of an earlier setup as a step of the person", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  const older = JSON.parse(withHooks("claude-code", null, command));
  older.hooks.PreToolUse = [];
  mkdirSync(join(mini.folder, ".claude"), { recursive: true });
  writeFileSync(join(mini.folder, ".claude/settings.json"), JSON.stringify(older));
  const environment = { HOME: mini.folder };
  await using agent = await connected(mini, { cwd: root, environment });
  const step = { missing: "hooks are older than this version", who: "person" };
  const { facts } = await agent.call("peernet_status");
  expect(facts).toMatchObject({ next: expect.arrayContaining([expect.objectContaining(step)]) });
  writeFileSync(
    join(mini.folder, ".claude/settings.json"),
    withHooks("claude-code", null, command),
  );
  expect(JSON.stringify((await agent.call("peernet_status")).facts)).not.toContain(step.missing);
});

test("on a machine that was never set up, the next step is peernet setup", async () => {
  await using mini = home("mini");
  await using agent = await connected(mini, { cwd: root });
  const message = "peernet is not set up on this machine";
  const { isError, facts } = await agent.call("peernet_status");
  expect([isError, facts]).toEqual([
    false,
    {
      message,
      daemon: "not_running",
      machine: null,
      version: "0.1.0",
      handle: null,
      handles: [],
      peers: [],
      untrusted: ["peers.name", "peers.standing", "peers.fix"],
      notice: untrustedPeerNotice,
      next: [{ missing: message, who: "person", action: "peernet setup" }],
    },
  ]);
  for (const [name, given] of quiet) {
    expect(await errorOf(agent, name, given)).toEqual({
      code: "daemon_not_running",
      message,
      hint: "a person types in a terminal: peernet setup",
    });
  }
  expect(runs(mini)).toBe(false);
});

test("step by step, peernet_status leads to a machine that is paired and a handle", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await using agent = await connected(laptop, { cwd: root });
  // As on the command line, an ask starts the daemon where it was not stopped.
  expect(await errorOf(agent, "ask_peer", { handle: "mini/x" })).toEqual({
    code: "peer_unknown",
    message: "no machine is paired with this one",
    hint: "on both machines a person types in a terminal: peernet pair",
  });
  expect(runs(laptop)).toBe(true);
  expect((await agent.call("list_peers")).facts).toMatchObject({
    message:
      "no machine is paired with this one; " +
      "on both machines a person types in a terminal: peernet pair",
    peers: [],
  });
  const steps = async () => {
    const { facts } = await agent.call("peernet_status");
    return Object.values(Object(facts.next)).map(
      (step) => `${Object(step).who}: ${Object(step).action}`,
    );
  };
  const session = ["session: call the tool activate_session", "person: peernet setup"];
  const pair = "person: on both machines a person types in a terminal: peernet pair";
  expect(await steps()).toEqual([pair, ...session]);
  await mini.json(["start"]);
  await pairTwo(mini, laptop);
  await until("they have met", async () => (await steps()).length === session.length);
  expect(await steps()).toEqual(session);
  await agent.call("activate_session", { name: "web" });
  expect(await steps()).toEqual([]);
  expect((await agent.call("peernet_status")).facts).toMatchObject({
    message: "laptop runs; this session is laptop/web; 1 paired machine: 1 up, no live handle",
    daemon: "running",
    handle: "laptop/web",
  });
});

test("after peernet stop no tool starts a daemon, and each says who stopped it", async () => {
  await using mini = home("mini");
  await mini.json(["start"]);
  await mini.run(["stop"]);
  await using agent = await connected(mini, { cwd: root });
  const hint = "a person types in a terminal: peernet start";
  for (const [name, given] of [...starting, ...quiet]) {
    const { code, message, hint: told } = await errorOf(agent, name, given);
    expect([name, code, told]).toEqual([name, "daemon_not_running", hint]);
    expect(message).toMatch(/^the daemon is stopped: (you|a person) ran `peernet stop`/);
  }
  expect((await agent.call("peernet_status")).facts).toMatchObject({
    daemon: "stopped",
    next: [{ who: "person", action: "peernet start" }],
  });
  expect(runs(mini)).toBe(false);
  // A daemon that is started meanwhile is found by the same server.
  await mini.json(["start"]);
  expect((await agent.call("peernet_status")).facts.daemon).toBe("running");
});

test("activate_session starts the daemon unless PEERNET_AUTOSTART=0", async () => {
  await using mini = home("mini");
  const environment = { PEERNET_AUTOSTART: "0" };
  {
    await using agent = await connected(mini, { cwd: root, environment });
    const { code } = await errorOf(agent, "activate_session", {});
    expect([code, runs(mini)]).toEqual(["daemon_not_running", false]);
  }
  await using agent = await connected(mini, { cwd: root });
  const { facts } = await agent.call("activate_session", { name: "web" });
  expect(facts.message).toBe(
    "live as mini/web, no paired machine may ask yet; to leave: peernet deactivate web",
  );
});

test("a peer that is dark, or asked too often, is reported as such", async () => {
  await using mini = home("mini");
  await using laptop = home("laptop");
  await mini.json(["start"]);
  await laptop.json(["start"]);
  using _session = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
  await using agent = await connected(laptop, { cwd: root });
  const asked = { handle: "mini/hydrate" };
  // At 20 a second these are more than the deadline of an ask lets through.
  const rounds = Array.from({ length: 200 }, () => agent.call("ask_peer", asked));
  const ends = (await Promise.all(rounds)).map(({ facts }) => facts.error ?? null);
  const limited = ends.find((error) => error !== null);
  expect(limited).toMatchObject({
    code: "rate_limited",
    hint: expect.stringMatching(/^wait (a second|\d+ s), then try again$/),
  });
  await mini.run(["stop"]);
  const { facts, text } = await agent.call("ask_peer", asked);
  const { code, message, hint, details } = Object(facts.error);
  expect(code).toBe("peer_unreachable");
  expect(message).toMatch(
    /^mini cannot be reached at 127\.0\.0\.1:\d+; last seen (under 1|\d) s ago$/,
  );
  expect(hint).toBe("wake mini; if it is awake, on it run: peernet doctor");
  expect(details.last_seen_at_ms).toBeNumber();
  expect(text).toContain("details.last_seen_at_ms: ");
});

test("the daemon of a HOME is found by HOME alone, as Codex starts its servers", async () => {
  await using mini = home("mini");
  const folder = join(mini.folder, ".peernet");
  mkdirSync(folder, { mode: 0o700 });
  const config = "[machine]\nname = 'mini'\n[listen]\nport = 0\naddresses = ['127.0.0.1']\n";
  writeFileSync(join(folder, "config.toml"), config, { mode: 0o600 });
  const inHome = { environment: { PEERNET_HOME: folder } };
  await mini.json(["start"], inHome);
  try {
    const names = Object.keys(mini.environment).filter((name) => name.startsWith("PEERNET_"));
    const environment = Object.fromEntries(names.map((name) => [name, null]));
    const name = "codex-mcp-client";
    await using agent = await connected(mini, { name, cwd: root, environment });
    const { facts } = await agent.call("activate_session", { name: "web" }, { sessionId: "s" });
    expect(facts.handle).toBe("mini/web");
    expect(Object(await mini.json(["status"], inHome)).handles).toMatchObject([
      { handle: "mini/web", harness: "codex" },
    ]);
  } finally {
    await mini.run(["stop"], inHome);
  }
});
