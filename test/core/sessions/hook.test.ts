import { describe, expect, test } from "bun:test";
import { type RememberedSession, refusalOf, stepOf } from "../../../src/core/sessions/hook.ts";
import { told } from "../../support/hooks.ts";
import { at, lease, nowMs } from "../samples.ts";

const own = lease();
const now = at(nowMs + 10);
const remembered: RememberedSession = {
  harness: "claude-code",
  session_id: "session-a",
  name: "hydrate",
  process: own.process,
  left: false,
};
const policy = { activate: "repositories", folders: [], exclude: [], headless: false } as const;
const step = (
  more: Parameters<typeof told>[0],
  known: Partial<Parameters<typeof stepOf>[1]> = {},
) => stepOf(told(more), { leases: [own], remembered: null, ...known }, now);

describe("stepOf()", () => {
  test("stepOf() keeps the lease at a start, with the event's process if it has one", () => {
    expect(step({})).toEqual({ do: "keep", lease: own, process: own.process });
    const resumed = { pid: 9, start_time: "9" };
    expect(step({ process: resumed })).toEqual({ do: "keep", lease: own, process: resumed });
    expect(step({ process: null })).toEqual({ do: "keep", lease: own, process: own.process });
  });

  test("stepOf() hears a state, since when it is so, and that nothing changed", () => {
    const heard = { ...own, state_boot_ms: nowMs + 10 };
    const state = (next: "idle" | "working" | null) => step({ event: "state", state: next });
    const idle = { ...heard, state: "idle", state_since_boot_ms: nowMs + 10 } as const;
    expect(state("idle")).toEqual({ do: "hear", lease: idle });
    expect(state("working")).toEqual({ do: "hear", lease: heard });
    expect(state(null)).toEqual({ do: "hear", lease: heard });
  });

  test("stepOf() takes the first event of another id, or in another process, for a start", () => {
    const other = { session_id: "session-b", event: "state", state: "working" } as const;
    expect(step(other)).toEqual({ do: "keep", lease: own, process: own.process });
    expect(step({ ...other, sole: false })).toEqual({ do: "nothing" });
    const moved = { pid: 9, start_time: "9" };
    const resumed = { do: "keep", lease: own, process: moved } as const;
    expect(step({ event: "state", process: moved })).toEqual(resumed);
  });

  test("stepOf() releases at the end of the session that has the lease, and of no other", () => {
    expect(step({ event: "end" })).toEqual({ do: "release", lease: own });
    expect(step({ event: "end", session_id: "session-b" })).toEqual({ do: "nothing" });
    expect(step({ event: "end" }, { leases: [] })).toEqual({ do: "nothing" });
  });

  test("stepOf() takes a handle at a start, and at a state only for one that had one", () => {
    expect(step({}, { leases: [] })).toEqual({ do: "take" });
    expect(step({ event: "state" }, { leases: [] })).toEqual({ do: "nothing" });
    expect(step({ event: "state" }, { leases: [], remembered })).toEqual({ do: "take" });
  });
});

describe("refusalOf()", () => {
  const homes = ["/home/ada"];
  const refusal = (more: Parameters<typeof told>[0], known: RememberedSession | null = null) =>
    refusalOf(told(more), known, { policy, homes });

  test("refusalOf() lets a session take a handle that is in a work tree and a process", () => {
    expect(refusal({})).toBeNull();
    expect(refusal({}, remembered)).toBeNull();
    expect(refusal({ process: null })).toBe("no_process");
    expect(refusal({ process: null, root: null })).toBe("no_repository");
  });

  test("refusalOf() says first that its user released it, then that nobody knows", () => {
    const left = { ...remembered, left: true };
    const unknown = { policy: null, homes };
    expect(refusalOf(told(), left, unknown)).toBe("left");
    expect(refusalOf(told(), remembered, unknown)).toBe("config");
  });
});
