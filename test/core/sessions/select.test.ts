import { describe, expect, test } from "bun:test";
import type { Selector } from "../../../src/contract/lease.ts";
import type { Lease } from "../../../src/core/sessions/lease.ts";
import { select } from "../../../src/core/sessions/select.ts";
import { accepted, lease, refused } from "../samples.ts";

const shell = { pid: 10, start_time: "10" };
const terminal = { pid: 20, start_time: "20" };
const a = lease({ name: "a", generation: 1, session_id: "id-a", process: shell });
const b = lease({ name: "b", generation: 2, session_id: "id-b", process: terminal });
const c = lease({ name: "c", generation: 3, session_id: null, process: terminal });
const leases = [a, b, c];

const found = (selector: Selector, among: readonly Lease[] = leases): string =>
  accepted(select(among, selector)).name;

describe("select()", () => {
  test("select() goes by name before anything else", () => {
    expect(found({ name: "b", session_id: "id-a", processes: [shell] })).toBe("b");
  });

  test("select() does not look further when no lease has the name", () => {
    const missing = { name: "x", session_id: "id-a", processes: [shell] };
    expect(refused(select(leases, missing))).toEqual({
      code: "handle_unknown",
      message: "no live handle here is called x",
      hint: "name one of them: a, b, c",
      details: { live: ["a", "b", "c"] },
    });
  });

  test("select() goes by session id before processes", () => {
    expect(found({ session_id: "id-b", processes: [shell] })).toBe("b");
  });

  test("select() goes by the nearest process that holds a lease", () => {
    expect(found({ session_id: "id-x", processes: [shell, terminal] })).toBe("a");
    const stranger = { pid: 1, start_time: "1" };
    expect(found({ processes: [stranger, shell] })).toBe("a");
  });

  test("select() treats a reused process number as another process", () => {
    const selector = { processes: [{ pid: 10, start_time: "11" }] };
    expect(refused(select(leases, selector)).code).toBe("handle_unknown");
  });

  test("select() never takes leases without a session id for one of none", () => {
    expect(refused(select([c], {})).message).toBe("this session has no handle");
  });

  test("select() refuses to choose between several", () => {
    expect(refused(select(leases, { processes: [terminal] }))).toEqual({
      code: "bad_request",
      message: "several handles are this session's: b, c",
      hint: "name one of them: b",
      details: { names: ["b", "c"] },
    });
  });

  test("select() says that a session has no handle, and which there are", () => {
    expect(refused(select(leases, { session_id: "id-x" }))).toEqual({
      code: "handle_unknown",
      message: "this session has no handle",
      hint: "name one of them: a, b, c",
      details: { live: ["a", "b", "c"] },
    });
    expect(refused(select([], {}))).toEqual({
      code: "handle_unknown",
      message: "this session has no handle",
      hint: "peernet activate",
      details: { live: [] },
    });
  });

  test("select() of nothing says how many handles there are to choose from", () => {
    expect(refused(select(leases, {}))).toMatchObject({
      code: "handle_unknown",
      message: "3 handles are live here",
      hint: "name one of them: a, b, c",
    });
  });

  test("select() requires a given generation, and accepts any without one", () => {
    expect(found({ name: "b", generation: 2 })).toBe("b");
    expect(found({ name: "b" })).toBe("b");
    for (const generation of [1, 3]) {
      expect(refused(select(leases, { name: "b", generation }))).toEqual({
        code: "lease_lost",
        message: "the lease is no longer held",
        hint: "peernet activate",
      });
    }
  });
});
