import { expect, test } from "bun:test";
import { both } from "../../support/grants.ts";
import { goneServer, peer, status } from "../samples.ts";
import { failed, noDaemon, run, text } from "../support.ts";

const shown = async (changed: Parameters<typeof status>[0]) =>
  (await run("status", { answers: { status: async () => status(changed) } })).out;

test("status shows this machine, its handles, its peers and theirs", async () => {
  expect(await run("status", { answers: { status: async () => status() } })).toEqual({
    exit: 0,
    out: text(
      "laptop    running        tailnet 100.101.7.3:7337",
      "  hydrate   idle 20 s      Claude Code   retry-sync 3f9c2ab",
      "mini      up, 12 ms      it may ask · you may ask",
      "  hydrate   working 4 min  project hydrate",
    ),
    err: "",
    calls: [["status", {}]],
    done: [],
  });
});

test("status teaches the next step where there is no handle and no peer", async () => {
  expect(await shown({ handles: [], peers: [] })).toBe(
    text(
      "laptop   running  tailnet 100.101.7.3:7337",
      "no handle is live here; in a session: peernet activate",
      "no machine is paired; on both: peernet pair",
    ),
  );
});

test("status lists expected machines, and then asks for no pairing", async () => {
  const builder = {
    ...{ fingerprint: `sha256:${"B".repeat(43)}`, name: "builder", address: null },
    ...{ scopes: ["ask" as const], their_entries: [], mine: false, expires_in_ms: 1 },
  };
  const out = await shown({ peers: [], expected: [builder, { ...builder, name: null }] });
  expect(out).toEndWith(
    text(
      "builder is expected, not met yet: peernet peers",
      `${builder.fingerprint} is expected, not met yet: peernet peers`,
    ),
  );
  expect(out).not.toContain("no machine is paired");
});

test("status counts the tasks that wait for a person here, and no others", async () => {
  const tasks = { held: 1, held_from: ["bob"], here: 4, asked: 3, asked_of: ["mini"] };
  expect(await shown({ tasks })).toEndWith("1 task waits for your approval: peernet tasks\n");
  expect(await shown({ tasks: { ...tasks, held: 2 } })).toContain("2 tasks wait for your approval");
  expect(await shown({ tasks: { ...tasks, held: 0 } })).not.toContain("task");
});

test("status shows an open window", async () => {
  const window = { open: true, expires_in_ms: 112_999, attempts_left: 1 } as const;
  expect(await shown({ window })).toEndWith(
    "a pairing window is open: 1:52 left, 1 attempt left\n",
  );
  expect(await shown({ window: { ...window, attempts_left: 3 } })).toEndWith("3 attempts left\n");
});

test("status says what is wrong with a link, and what may not be asked", async () => {
  const peers = [
    goneServer,
    peer({ name: "a", link: "one-way", link_reason: "no_way_back", handles: [] }),
    peer({
      name: "b",
      link: "refused",
      link_reason: "unpaired",
      last_seen_age_ms: 31_000,
      acknowledged: false,
      grants: both([], []),
      handles: [],
    }),
    peer({ name: "c", round_trip_ms: null, handles: [] }),
  ];
  expect(await shown({ handles: [], peers })).toContain(
    text(
      "server   down     last seen 3 h ago · it may ask · you may ask",
      "a        one-way  it cannot reach this machine; this machine can ask it · " +
        "it may ask · you may ask",
      "b        refused  unpaired by b, 31 s ago · it may do nothing · you may do nothing",
      "c        up       it may ask · you may ask",
    ),
  );
});

test("status tells a tailnet's and this machine's own addresses from others", async () => {
  const { machine } = status();
  const networks: readonly (readonly [readonly string[], string])[] = [
    [["100.64.0.1:1"], "tailnet 100.64.0.1:1"],
    [["100.127.255.254:1"], "tailnet 100.127.255.254:1"],
    [["100.63.255.255:1"], "100.63.255.255:1"],
    [["100.128.0.1:1"], "100.128.0.1:1"],
    [["[fd7a:115c:a1e0::1]:1"], "tailnet [fd7a:115c:a1e0::1]:1"],
    [["127.0.0.1:7337"], "this machine only 127.0.0.1:7337"],
    [["[::1]:7337"], "this machine only [::1]:7337"],
    [["192.168.1.5:1", "100.64.0.1:1"], "192.168.1.5:1, tailnet 100.64.0.1:1"],
    [[], "listens nowhere: it can ask, and not be asked"],
  ];
  for (const [listen, words] of networks) {
    const out = await shown({ machine: { ...machine, listen: [...listen] }, handles: [] });
    expect(out).toStartWith(`laptop    running        ${words}\n`);
  }
});

test("status shows the project of a handle outside of git, and changed files", async () => {
  const [handle] = status().handles;
  if (handle?.git == null) throw new Error("the sample has git facts");
  const handles = [
    { ...handle, git: { ...handle.git, dirty: 3 } },
    { ...handle, handle: "notes", harness: "codex" as const, git: null, state: null },
  ];
  expect(await shown({ handles, peers: [] })).toContain(
    text(
      "  hydrate   idle 20 s  Claude Code   retry-sync 3f9c2ab +3",
      "  notes     unknown    Codex         project hydrate",
    ),
  );
});

test("status is cut to the terminal, and is not elsewhere", async () => {
  const answers = { status: async () => status({ handles: [] }) };
  const terminal = { stdout: true, columns: 60 };
  const summary = { ...status(), handles: [] };
  const long = { ...summary.machine, listen: ["192.168.100.200:7337", "100.101.7.3:7337"] };
  const two = { status: async () => status({ handles: [], machine: long }) };
  const [first = ""] = (await run("status", { answers: two, terminal })).out.split("\n");
  expect([first.length, first.endsWith("…")]).toEqual([60, true]);
  expect((await run("status", { answers, terminal })).out).not.toContain("…");
});

test("status on 40 columns cuts no phrase about a peer: each has a line", async () => {
  const peers = [peer({ link: "refused", link_reason: "unpaired", last_seen_age_ms: 31_000 })];
  const answers = { status: async () => status({ handles: [], peers }) };
  const { out } = await run("status", { answers, terminal: { stdout: true, columns: 40 } });
  for (const line of ["mini      refused", "  unpaired by mini, 31 s ago", "  it may ask"]) {
    expect(out.split("\n")).toContain(line);
  }
  const table = out.split("\n").slice(0, 6);
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(40);
});

test("status calls a shell's state a shell, since nobody tells it", async () => {
  const [handle] = status().handles;
  if (handle === undefined) throw new Error("the sample has a handle");
  const handles = [{ ...handle, harness: "shell", state: null, state_for_ms: null }];
  const { out } = await run("status", { answers: { status: async () => status({ handles }) } });
  expect(out).toMatch(/^ {2}hydrate +shell +shell/m);
});

test("status is coloured only where that is wanted", async () => {
  const answers = { status: async () => status({ handles: [], peers: [] }) };
  expect((await run("status", { answers, color: true })).out).toStartWith(
    "\x1b[1mlaptop\x1b[0m   \x1b[32mrunning\x1b[0m  tailnet 100.101.7.3:7337\n",
  );
});

test("status exits 3 without a daemon, and starts none", async () => {
  expect(await run("status", { answers: { status: noDaemon } })).toMatchObject({
    exit: 3,
    out: "",
    err: failed("the daemon is not running", "peernet start"),
    done: [],
  });
  const asJson = await run("status --json", { answers: { status: noDaemon } });
  expect(JSON.parse(asJson.out)).toEqual({
    error: {
      code: "daemon_not_running",
      message: "the daemon is not running",
      hint: "peernet start",
    },
  });
});

test("status names the first step on a machine that was never set up", async () => {
  const scene = { answers: { status: noDaemon }, isNew: true };
  expect(await run("status", scene)).toMatchObject({
    exit: 3,
    err: failed("the daemon is not running", "peernet setup"),
  });
  expect(await run("", scene)).toMatchObject({
    exit: 0,
    out: text(
      "peernet: coding sessions on your machines, asking each other, on your network",
      "next: peernet setup",
      "all commands: peernet help",
    ),
    err: "",
  });
});

test("status prints the daemon's answer unchanged with --json", async () => {
  const { out } = await run("status --json", { answers: { status: async () => status() } });
  expect(out).toBe(text(JSON.stringify(status())));
});

test("status says that the daemon is of another version, and how to restart it", async () => {
  const { machine } = status();
  const older = status({ machine: { ...machine, version: "0.0.9" } });
  const { exit, err } = await run("status", { answers: { status: async () => older } });
  expect([exit, err]).toEqual([
    0,
    text("the daemon is 0.0.9, this command 0.1.0", "to restart it: peernet stop && peernet start"),
  ]);
});

test("status --short is one line of counts, also without a daemon", async () => {
  const short = async (answer: () => Promise<ReturnType<typeof status>>) =>
    run("status --short", { answers: { status: answer } });
  const waits = status();
  const [own] = waits.handles;
  if (own === undefined) throw new Error("no handle");
  const handles = [{ ...own, state: "waiting" as const }];
  expect(await short(async () => ({ ...waits, handles, peers: [] }))).toMatchObject({
    exit: 0,
    out: "peernet 1 wait\n",
    err: "",
  });
  expect((await short(async () => ({ ...waits, handles: [own], peers: [] }))).out).toBe(
    "peernet 1 session\n",
  );
  const mail = { person: 1, sessions: 7, held: 2, held_from: ["bob"] };
  expect((await short(async () => ({ ...waits, handles: [own], peers: [], mail }))).out).toBe(
    "peernet 1 session · 3 mail\n",
  );
  const tasks = { held: 2, held_from: ["bob"], here: 1, asked: 0, asked_of: [] };
  expect((await short(async () => ({ ...waits, handles: [own], peers: [], tasks }))).out).toBe(
    "peernet 1 session · 2 tasks\n",
  );
  expect(await short(noDaemon)).toMatchObject({ exit: 0, out: "peernet off\n", err: "" });
});
