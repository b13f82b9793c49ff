import { describe, expect, test } from "bun:test";
import { handlesMax } from "../../../src/contract/limits.ts";
import { Name } from "../../../src/contract/terms.ts";
import { factsOf } from "../../../src/core/ask.ts";
import { activate } from "../../../src/core/sessions/activate.ts";
import type { Lease } from "../../../src/core/sessions/lease.ts";
import { accepted, again, at, git, lease, nowMs, refused, request, run } from "../samples.ts";

const lease_id = "0190a0a0-0000-7000-8000-000000000099";
const next = { ...at(nowMs + 10), generation: 99, lease_id };
const taking = (leases: readonly Lease[], more: Parameters<typeof request>[0] = {}) =>
  accepted(activate(leases, request(more), next));

describe("activate() of a session that has no lease", () => {
  test("activate() makes a lease of what it was given, begun and renewed now", () => {
    const wanted = request({ name: "mine", git, summary: "reading" });
    expect(accepted(activate([], wanted, next))).toEqual({
      lease: {
        name: "mine",
        generation: 99,
        lease_id,
        harness: "shell",
        session_id: null,
        process: { pid: 77, start_time: "222" },
        cwd: "/home/ada/src/other",
        project: "other",
        run: run.id,
        started_boot_ms: nowMs + 10,
        renewed_boot_ms: nowMs + 10,
        git,
        git_why: null,
        git_boot_ms: nowMs + 10,
        summary: "reading",
        summary_boot_ms: nowMs + 10,
        state: null,
        state_since_boot_ms: 0,
        state_boot_ms: 0,
      },
      replaced: null,
      succeeded: [],
      taken: true,
    });
  });

  test("activate() has no summary when none was given", () => {
    expect(taking([]).lease.summary).toBeNull();
  });

  test("activate() names a session after its project, with the first number that is free", () => {
    expect(taking([], { project: "My App" }).lease.name).toBe("my-app");
    const held = [lease({ name: "my-app" }), lease({ name: "my-app-3" })];
    expect(taking(held, { project: "My App" }).lease.name).toBe("my-app-2");
  });

  test("activate() refuses a name that another session holds, and offers one that is free", () => {
    const holder = lease();
    expect(refused(activate([holder], request({ name: "hydrate" }), next))).toEqual({
      code: "handle_held",
      message: "another session holds hydrate",
      hint: "peernet activate hydrate-2",
      details: { name: "hydrate", generation: 7, process: holder.process },
    });
  });

  test("activate() offers a name that fits for one that is as long as can be", () => {
    const name = "a".repeat(31);
    const { hint } = refused(activate([lease({ name })], request({ name }), next));
    expect(hint).toBe(`peernet activate ${"a".repeat(29)}-2`);
    expect(Name.safeParse(hint.replace("peernet activate ", "")).success).toBe(true);
  });

  test("activate() offers a name that no third session holds", () => {
    const held = [lease(), lease({ name: "hydrate-2", session_id: "session-b" })];
    const { hint } = refused(activate(held, request({ name: "hydrate" }), next));
    expect(hint).toBe("peernet activate hydrate-3");
  });

  test("activate() refuses a name that is held for its holder after a restart", () => {
    const holder = lease({ run: "run-1" });
    expect(refused(activate([holder], request({ name: "hydrate" }), next)).code).toBe(
      "handle_held",
    );
  });
});

describe("activate() at the bound", () => {
  const leases = Array.from({ length: handlesMax }, (_, index) =>
    lease({ name: `s-${index}`, generation: index, session_id: `id-${index}` }),
  );

  test("activate() gives the last handle and refuses the one after it", () => {
    expect(taking(leases.slice(1)).taken).toBe(true);
    expect(refused(activate(leases, request(), next))).toEqual({
      code: "lease_limit",
      message: "this machine has 256 handles already",
      hint: "peernet deactivate NAME",
    });
  });

  test("activate() lets a session rename or keep its own though all handles are taken", () => {
    const [first] = leases;
    if (first === undefined) throw new Error("no lease");
    expect(accepted(activate(leases, again(first, { name: "new" }), next)).lease.name).toBe("new");
    expect(accepted(activate(leases, again(first), next)).taken).toBe(false);
  });
});

describe("activate() of a session that has a lease", () => {
  const own = lease();

  test("activate() keeps name, generation, beginning, summary and state, and renews", () => {
    const { lease: kept, replaced, taken } = accepted(activate([own], again(own), next));
    expect(kept).toEqual({ ...own, renewed_boot_ms: nowMs + 10, git_boot_ms: nowMs + 10 });
    expect([replaced, taken]).toEqual([null, false]);
    expect(accepted(activate([own], again(own, { name: own.name }), next)).lease).toEqual(kept);
  });

  test("activate() takes a lease of a former run into this one", () => {
    const before = lease({ run: "run-1" });
    const { lease: kept, taken } = accepted(activate([before], again(before), next));
    expect([kept.run, kept.generation, taken]).toEqual([run.id, before.generation, false]);
  });

  test("activate() under another name takes a new generation and gives the old lease up", () => {
    const renamed = accepted(activate([own], again(own, { name: "flow" }), next));
    const changed = { name: "flow", generation: 99, lease_id };
    const dated = { renewed_boot_ms: nowMs + 10, git_boot_ms: nowMs + 10 };
    expect(renamed).toEqual({
      lease: { ...own, ...changed, ...dated },
      replaced: own,
      succeeded: [],
      taken: true,
    });
  });

  test("activate() refuses another session's name and gives up nothing", () => {
    const other = lease({ name: "flow", session_id: "session-b" });
    const outcome = activate([own, other], again(own, { name: "flow" }), next);
    expect(refused(outcome).code).toBe("handle_held");
  });

  test("activate() replaces what is said of it: folder, project, process, git, summary", () => {
    const process = { pid: 9, start_time: "9" };
    const said = { cwd: "/x", project: "x", process, git: null, summary: "new" };
    const { lease: kept } = accepted(activate([own], again(own, said), next));
    expect(kept).toMatchObject(said);
    expect([kept.name, kept.summary_boot_ms]).toEqual(["hydrate", nowMs + 10]);
  });
});

test("activate() shows no facts from before the machine's start as new", () => {
  // The boot clock restarted: earlier facts have an unknown age.
  const then = nowMs + 1e7;
  const dates = { renewed_boot_ms: then, summary_boot_ms: then, state_boot_ms: then };
  const before = lease({ run: "run-1", ...dates, state_since_boot_ms: then });
  const { lease: kept } = accepted(activate([before], again(before), next));
  const { summary, session } = factsOf(kept, at(nowMs + 20));
  expect([summary, session.state]).toEqual([null, null]);
});

describe("activate() knows a session", () => {
  const isKnown = (had: Partial<Lease>, now: Partial<Lease>): boolean => {
    const own = lease(had);
    return !accepted(activate([own], again(lease({ ...had, ...now })), next)).taken;
  };
  const another = { pid: 5, start_time: "111" };

  test("activate() knows a session by its harness and the id there, whatever its process", () => {
    expect(isKnown({}, { process: another })).toBe(true);
    expect(isKnown({}, { session_id: "session-b" })).toBe(false);
    expect(isKnown({}, { harness: "codex" })).toBe(false);
    expect(isKnown({}, { session_id: null })).toBe(false);
  });

  test("activate() knows a session without an id by process number and start time", () => {
    const plain = { session_id: null };
    expect(isKnown(plain, {})).toBe(true);
    expect(isKnown(plain, { process: another })).toBe(false);
    expect(isKnown(plain, { process: { pid: 4242, start_time: "112" } })).toBe(false);
    expect(isKnown(plain, { harness: "shell" })).toBe(false);
    expect(isKnown(plain, { session_id: "session-a" })).toBe(false);
  });
});
