import { describe, expect, test } from "bun:test";
import { listOf } from "../../../src/cli/watch/list.ts";
import { headOf, rowsOf } from "../../../src/cli/watch/rows.ts";
import { afterEvent, stateOfStatus, unknownState } from "../../../src/cli/watch/state.ts";
import type { RemoteHandle } from "../../../src/contract/peer.ts";
import { peer, status } from "../samples.ts";

const remote = (name: string, more: Partial<RemoteHandle> = {}): RemoteHandle => ({
  handle: `mini/${name}`,
  project: "p",
  state: "idle",
  state_for_ms: 60_000,
  expires_in_ms: 60_000,
  hidden: [],
  ...more,
});

const mini = peer({
  handles: [
    remote("idle"),
    remote("works", { state: "working", branch: "main", sha: "91c0d7e".padEnd(40, "0"), dirty: 3 }),
    remote("new", { state: "waiting", state_for_ms: 5_000 }),
    remote("old", { state: "waiting", state_for_ms: 500_000, summary: "Rotate the keys" }),
    remote("shell", { state: null, state_for_ms: null }),
  ],
});
const down = peer({
  name: "studio",
  fingerprint: "sha256:studio",
  link: "down",
  handles: [],
  last_known: { age_ms: 3 * 3_600_000, handles: [remote("web", { handle: "studio/web" })] },
});
const at = stateOfStatus({ ...status(), handles: [], peers: [mini, down] }, 1_000);

describe("listOf()", () => {
  test("puts those that wait first, longest first, then work, idle, unknown, machines", () => {
    const { rows, waiting, sessions } = listOf(at, 1_000);
    const names = rows.map((row) =>
      row.kind === "machine" ? row.name : row.kind === "session" ? row.handle : row.said,
    );
    expect(names).toEqual([
      ...["mini/old", "mini/new", "mini/works", "mini/idle", "mini/shell", "studio"],
    ]);
    expect([waiting, sessions]).toEqual([2, 5]);
  });

  test("ages what was told by the reader's own clock", () => {
    const [old] = listOf(at, 61_000).rows;
    expect(old).toMatchObject({ forMs: 560_000 });
    const studio = listOf(at, 61_000).rows.at(-1);
    expect(studio).toMatchObject({ last: { age_ms: 3 * 3_600_000 + 60_000 } });
  });
});

describe("rowsOf()", () => {
  const text = (width: number) =>
    rowsOf(listOf(at, 1_000), width)
      .flat()
      .map(({ cells }) => cells.map((cell) => (typeof cell === "string" ? cell : cell.text)));

  test("shows branch, commit and counts on a wide line, the agent on a wider one", () => {
    expect(text(80)[2]).toEqual([
      "works",
      "mini/works",
      "1 min",
      "main 91c0d7e +3",
      "–  no summary",
    ]);
    expect(text(120)[2]).toHaveLength(6);
  });

  test("has the summary on a line of its own where the line is short", () => {
    expect(text(40).slice(0, 2)).toEqual([["WAITS", "mini/old", "8 min"], ["Rotate the keys"]]);
  });

  test("shows the last sessions of a machine that is down, and their age", () => {
    expect(text(80).at(-1)).toEqual(["last known 3 h ago: web idle"]);
  });

  test("says what to do where there is no session", () => {
    const none = listOf(stateOfStatus({ ...status(), handles: [], peers: [] }, 0), 0);
    const [row] = rowsOf(none, 80).flat();
    expect(row?.cells[0]).toMatchObject({
      text: "no session has a handle; in one: peernet activate",
    });
    expect(headOf(none)).toBe("laptop · 0 sessions · none waits");
  });
});

describe("a list with mail", () => {
  const mail = { person: 1, sessions: 4, held: 2, held_from: ["bob", "eve"] };
  const lines = (told: typeof mail) =>
    rowsOf(listOf(afterEvent(at, { event: "mail", mail: told }, 1), 1_000), 80)
      .flat()
      .map(({ cells }) => cells);

  test("names what waits for a person last, and nothing of the sessions' own mail", () => {
    expect(lines(mail).at(-1)).toEqual([
      { text: "mail", style: "warning" },
      "2 held from bob and eve · 1 for you",
    ]);
    const none = lines({ ...mail, person: 0, held: 0, held_from: [] });
    expect(none).toHaveLength(lines(mail).length - 1);
  });
});

describe("a list with tasks", () => {
  const tasks = { held: 1, held_from: ["bob"], here: 2, asked: 1, asked_of: ["mini"] };
  const last = (told: typeof tasks) =>
    rowsOf(listOf(afterEvent(at, { event: "tasks", tasks: told }, 1), 1_000), 80)
      .flat()
      .at(-1)?.cells;

  test("names the tasks that wait for a person here first, then those that go on", () => {
    expect(last(tasks)).toEqual([
      { text: "tasks", style: "warning" },
      "1 of bob waits for your approval: peernet tasks · " +
        "2 for others go on here · 1 asked of mini",
    ]);
    const more = { ...tasks, held: 2, held_from: ["bob", "eve"], here: 0, asked: 0 };
    expect(last(more)?.[1]).toBe("2 of bob and eve wait for your approval: peernet tasks");
    expect(last({ ...tasks, held: 0, here: 1, asked: 0 })).toEqual([
      { text: "tasks", style: "dim" },
      "1 for others goes on here",
    ]);
    expect(last({ ...tasks, held: 0, here: 0, asked: 0 })).toEqual(last({ ...none }));
  });
  const none = { held: 0, held_from: [], here: 0, asked: 0, asked_of: [] };

  test("is the same from status and from the feed", () => {
    const once = stateOfStatus({ ...status(), tasks }, 1);
    expect(listOf(once, 1).rows.at(-1)).toMatchObject({ kind: "tasks", waits: true });
    expect(once.tasks).toEqual(afterEvent(at, { event: "tasks", tasks }, 1).tasks);
  });
});

test("afterEvent() keeps reported things and drops removed ones", () => {
  const { machine } = status();
  let state = unknownState;
  for (const event of [
    { event: "machine", machine } as const,
    { event: "peer", peer: mini, greeted: null } as const,
    { event: "ready" } as const,
  ]) {
    state = afterEvent(state, event, 5);
  }
  expect([state.isReady, state.machine?.name, listOf(state, 5).sessions]).toEqual([
    true,
    "laptop",
    5,
  ]);
  const gone = afterEvent(state, { event: "peer_gone", fingerprint: mini.fingerprint }, 6);
  expect(listOf(gone, 6).sessions).toBe(0);
  expect(afterEvent(gone, { event: "chain", verified_to: 3 }, 7)).toBe(gone);
});
