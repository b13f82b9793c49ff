import { describe, expect, test } from "bun:test";
import type { LocalHandle } from "../../../../src/contract/lease.ts";
import type { Peer } from "../../../../src/contract/peer.ts";
import {
  type Aged,
  filtered,
  firstLine,
  gitText,
  rowsOf,
  sumOf,
} from "../../../../src/dashboard/page/sessions/rows.ts";
import { network, peer } from "../../../browser/networks.ts";

const now = <T>(value: T): Aged<T> => ({ value, agedMs: 0 });

const ownOf = (count: number): readonly Aged<LocalHandle>[] =>
  network({ peers: 0, handles: 0, own: count }).events.flatMap((event) =>
    event.event === "handle" ? [now(event.handle)] : [],
  );

const mini = (more: Partial<Peer> = {}): Peer => ({ ...peer(0, 1), handles: [], ...more });

describe("rowsOf()", () => {
  const peers = Array.from({ length: 13 }, (_, index) => now(peer(index, 20)));

  test("puts those that wait first, machines that are down last", () => {
    const kinds = rowsOf({ own: ownOf(6), peers }).map(({ kind }) => kind);
    const runs = kinds.filter((kind, index) => kind !== kinds[index - 1]);
    expect(runs).toEqual(["waiting", "working", "idle", "unknown", "one-way", "refused", "down"]);
  });

  test("puts the session that has waited longest first", () => {
    const waits = (handle: string, state_for_ms: number) =>
      peer(0, 1).handles.map((each) => ({
        ...each,
        handle,
        state: "waiting" as const,
        state_for_ms,
      }));
    const handles = [...waits("mini/new", 1_000), ...waits("mini/old", 90_000)];
    const rows = rowsOf({ own: [], peers: [now(mini({ handles }))] });
    expect(rows.map(({ name, since }) => [name, since])).toEqual([
      ["mini/old", "1 min"],
      ["mini/new", "now"],
    ]);
  });

  test("tells of a machine that is down what was last known, with its age as of now", () => {
    const last_known = { age_ms: 3_600_000, handles: peer(0, 1).handles };
    const down = mini({ link: "down", last_seen_age_ms: 3_600_000 });
    const told = { ...down, last_known };
    const [row] = rowsOf({ own: [], peers: [{ value: told, agedMs: 3_600_000 }] });
    expect(row).toMatchObject({
      kind: "down",
      name: "mini",
      since: "",
      text: "last known 2 h ago: hydrate working",
    });
  });

  test("tells how a machine stands where nothing is known of its sessions", () => {
    const down = mini({ link: "down", last_seen_age_ms: 60_000 });
    const refused = mini({ link: "refused", link_reason: "unpaired", last_seen_age_ms: null });
    const texts = [down, refused].map((each) => rowsOf({ own: [], peers: [now(each)] })[0]?.text);
    expect(texts).toEqual(["last seen 1 min ago", "unpaired by mini"]);
  });

  test("has a line for a machine that is up without a session, none for one with sessions", () => {
    const seen = { own: [], peers: [now(mini()), now({ ...peer(1, 1), name: "server" })] };
    const names = rowsOf(seen).map(({ name, part }) => [name, part.kind]);
    expect(names).toEqual([
      [peer(1, 1).handles[0]?.handle ?? "", "handle"],
      ["mini", "peer"],
    ]);
  });

  test("says so where a session set no summary, and where a machine told none", () => {
    const [first] = peer(0, 1).handles;
    if (first === undefined) throw new Error("no handle");
    const { handle, project, state, state_for_ms, expires_in_ms } = first;
    const bare = { handle, project, state, state_for_ms, expires_in_ms };
    const texts = [
      bare,
      { ...bare, summary: null, hidden: [] },
      { ...bare, summary: "one\ntwo" },
    ].map((each) => rowsOf({ own: [], peers: [now(mini({ handles: [each] }))] })[0]);
    expect(texts.map((row) => [row?.text, row?.isForeign])).toEqual([
      ["not told", false],
      ["no summary", false],
      ["one", true],
    ]);
  });
});

test("filtered() keeps the lines in which every word occurs, in any column and case", () => {
  const rows = rowsOf({ own: ownOf(4), peers: [] });
  const names = (text: string) => filtered(rows, text).map(({ name }) => name);
  expect(names("")).toHaveLength(4);
  expect(names("WAITING claude")).toEqual(["workbench/parser"]);
  expect(names("staging rotate")).toEqual(["workbench/web"]);
  expect(names("waiting codex")).toEqual([]);
});

test("gitText() tells what is known, and no count of nothing", () => {
  const sha = "91c0d7e0aa0000000000000000000000000000aa";
  expect(gitText({ branch: "main", sha, dirty: 3, ahead: 2, behind: 1 })).toBe(
    "main 91c0d7e +3 ↑2 ↓1",
  );
  expect(gitText({ branch: null, sha, dirty: 0 })).toBe("91c0d7e");
  expect(gitText({})).toBe("");
});

test("firstLine() takes the first line that holds something", () => {
  expect(firstLine("\n  one\ntwo")).toBe("one");
  expect(firstLine("")).toBe("");
});

test("sumOf() counts machines, sessions and those that wait", () => {
  const peers = [now(mini({ handles: peer(0, 1).handles }))];
  expect(sumOf("laptop", { own: ownOf(3), peers })).toBe(
    "laptop + 1 machine · 4 sessions · 1 waits",
  );
  expect(sumOf("laptop", { own: [], peers: [] })).toBe("laptop · 0 sessions");
});
