import { describe, expect, test } from "bun:test";
import type { Peer } from "../../../../src/contract/peer.ts";
import {
  askable,
  askInput,
  chosenPeers,
  commandOf,
  fault,
  ownHandles,
  quoted,
  type Schema,
  toolCallOf,
} from "../../../../src/dashboard/page/builder/form.ts";
import { inputSchemas } from "../../../../src/dashboard/page/builder/schemas.ts";
import { network, peer } from "../../../browser/networks.ts";
import { both } from "../../../support/grants.ts";

const mini = (more: Partial<Peer> = {}): Peer => ({ ...peer(0, 3), name: "mini", ...more });
const whys = (peers: readonly Peer[]) =>
  askable({ own: [], peers }).map(({ value, why, change }) => [value, why, change]);

// A JSON Schema; the form reads only this part of it.
const ask = inputSchemas().ask as Schema;
const property = (name: string): Schema => ask.properties?.[name] ?? {};

describe("askable()", () => {
  test("offers what would be answered now", () => {
    const handles = mini().handles;
    const values = askable({ own: [], peers: [mini()] }).map(({ value }) => value);
    expect(values).toEqual(["", "mini/", ...handles.map(({ handle }) => handle)]);
    expect(whys([mini()]).every(([, why]) => why === null)).toBe(true);
  });

  test("says why a peer cannot be asked, and what changes that", () => {
    const handles: Peer["handles"] = [];
    const none = "no peer that can be asked has a live handle";
    expect(whys([mini({ handles, link: "down" })])).toEqual([
      ["", none, "peernet status"],
      ["mini/", "mini is down", "wake mini, or: peernet doctor"],
    ]);
    expect(whys([mini({ handles, link: "refused" })])[1]).toEqual([
      "mini/",
      "mini no longer accepts this machine",
      "peernet pair",
    ]);
    expect(whys([mini({ handles, grants: both([], []) })])[1]).toEqual([
      "mini/",
      "mini does not let this machine ask",
      "on mini run: peernet peers grant THIS-MACHINE ask",
    ]);
    expect(whys([mini({ handles })])[1]).toEqual([
      "mini/",
      "no session on mini has a handle",
      "on mini run: peernet activate",
    ]);
  });

  test("teaches where there is nothing to choose", () => {
    const nothing = { own: [], peers: [] };
    expect(askable(nothing)[0]?.change).toBe("peernet pair");
    expect(chosenPeers(nothing)[0]?.change).toBe("peernet pair");
    expect(ownHandles(nothing)[0]?.change).toBe("peernet activate");
  });
});

describe("commandOf()", () => {
  test("is the command as a shell reads it", () => {
    const values = { handle: "mini/hydrate", question: "it's $HOME; `id`", timeout_ms: "2500" };
    expect(commandOf("peernet", "ask", values)).toBe(
      `peernet ask --timeout 2.5s mini/hydrate 'it'\\''s $HOME; \`id\`'`,
    );
    const printed = Bun.spawnSync(["sh", "-c", `printf %s ${quoted(values.question)}`]);
    expect(printed.stdout.toString()).toBe(values.question);
  });

  test("leaves out what was not given", () => {
    expect(commandOf("peernet", "ask", { handle: "", question: "lost" })).toBe("peernet ask");
    expect(commandOf("peernet", "preview", { name: "api" })).toBe("peernet preview api");
    expect(commandOf("peernet", "peers/grant", { name: "mini", entry: "mine" })).toBe(
      "peernet peers grant mini mine",
    );
    expect(commandOf("peernet", "audit", { peer: "mini", all: "true", limit: "5" })).toBe(
      "peernet audit --peer mini --limit 5 --all",
    );
  });
});

describe("toolCallOf()", () => {
  test("is a call of ask_peer for one handle", () => {
    const call = toolCallOf("ask", { handle: "mini/api", question: "" });
    expect("json" in call ? JSON.parse(call.json) : call).toEqual({
      method: "tools/call",
      params: { name: "ask_peer", arguments: { handle: "mini/api" } },
    });
  });

  test("says why there is none", () => {
    expect(toolCallOf("ask", { handle: "mini/" })).toHaveProperty("why");
    expect(toolCallOf("peers/grant", { name: "mini" })).toEqual({
      why: "no tool changes what a peer may do: that is a person's",
    });
  });
});

describe("fault()", () => {
  test("judges by the contract's own schema, in bytes", () => {
    expect(fault(property("question"), "ü".repeat(512))).toBeNull();
    expect(fault(property("question"), "ü".repeat(513))).toBe("1026 bytes: at most 1024");
    expect(fault(property("timeout_ms"), "60000")).toBeNull();
    expect(fault(property("timeout_ms"), "60001")).toBe("at most 60000");
    expect(fault(property("timeout_ms"), "soon")).toBe("not a whole number");
    expect(fault(property("thread_id"), "none")).toBe("not a thread id");
  });
});

test("askInput() is what the contract takes", () => {
  expect(askInput({ handle: "", question: "why" })).toEqual({
    handle: null,
    question: null,
    thread_id: null,
  });
  expect(askInput({ handle: "mini/api", question: "why", timeout_ms: "9" })).toEqual({
    handle: "mini/api",
    question: "why",
    thread_id: null,
    timeout_ms: 9,
  });
});

test("a made-up network matches the contract", async () => {
  const { WatchEvent } = await import("../../../../src/contract/watch.ts");
  const { AuditRecord } = await import("../../../../src/contract/audit.ts");
  const { events, records } = network({ peers: 60, handles: 20, own: 20, windowOpen: true });
  for (const event of events) expect(WatchEvent.safeParse(event).error).toBeUndefined();
  for (const record of records) expect(AuditRecord.safeParse(record).error).toBeUndefined();
});
