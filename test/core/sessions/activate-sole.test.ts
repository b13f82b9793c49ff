import { describe, expect, test } from "bun:test";
import { handlesMax } from "../../../src/contract/limits.ts";
import { activate, leaseOf, resume } from "../../../src/core/sessions/activate.ts";
import type { Lease } from "../../../src/core/sessions/lease.ts";
import { accepted, again, at, git, lease, nowMs, refused, run } from "../samples.ts";

const lease_id = "0190a0a0-0000-7000-8000-000000000099";
const next = { ...at(nowMs + 10), generation: 99, lease_id };
const own = lease();
/** The request of the session that is in the sample's process now. */
const following = (more: Parameters<typeof again>[1] = {}) =>
  again(own, { session_id: "session-b", sole: true, ...more });

describe("activate() where the process is one session", () => {
  test("activate() carries the lease over to another session id in it", () => {
    const { lease: kept, ...rest } = accepted(activate([own], following(), next));
    expect(rest).toEqual({ replaced: null, succeeded: [], taken: false });
    expect(kept).toEqual({
      ...own,
      session_id: "session-b",
      renewed_boot_ms: nowMs + 10,
      git_boot_ms: nowMs + 10,
    });
  });

  test("activate() keeps the lease's session id when the request has none", () => {
    const { lease: kept } = accepted(activate([own], following({ session_id: null }), next));
    expect(kept.session_id).toBe("session-a");
  });

  test("activate() takes over nothing where the process holds many, or is another's", () => {
    const others = [
      following({ sole: false }),
      following({ harness: "codex" }),
      following({ process: { pid: 4242, start_time: "112" } }),
    ];
    for (const other of others) {
      const { taken, succeeded } = accepted(activate([own], other, next));
      expect([taken, succeeded]).toEqual([true, []]);
    }
  });

  test("activate() of a session that resumes in it gives up what others held there", () => {
    const resumed = lease({
      name: "flow",
      session_id: "session-b",
      process: { pid: 1, start_time: "1" },
    });
    const shell = lease({ name: "shell", session_id: null, harness: "shell" });
    const unnamed = lease({ name: "unnamed", session_id: null });
    const leases = [own, resumed, shell, unnamed];
    const { lease: kept, succeeded, taken } = accepted(activate(leases, following(), next));
    expect([kept.name, kept.process, taken]).toEqual(["flow", own.process, false]);
    expect(succeeded).toEqual([own, unnamed]);
  });
});

describe("activate() without a reading of git", () => {
  const { git: _read, ...unread } = again(own);

  test("activate() keeps what was read of the same folder, as old as it is", () => {
    const { lease: kept } = accepted(activate([own], unread, next));
    expect([kept.git, kept.git_boot_ms]).toEqual([git, own.git_boot_ms]);
  });

  test("activate() has none of another folder, of a former boot, or of a new session", () => {
    const elsewhere = activate([own], { ...unread, cwd: "/x" }, next);
    const then = lease({ run: "run-1", renewed_boot_ms: nowMs + 11 });
    const rebooted = activate([then], unread, next);
    for (const outcome of [elsewhere, rebooted, activate([], unread, next)]) {
      const { lease: kept } = accepted(outcome);
      expect([kept.git, kept.git_boot_ms]).toEqual([null, 0]);
    }
  });

  test("activate() believes what was said in this run, also by a request that came later", () => {
    const ahead = lease({ renewed_boot_ms: nowMs + 11 });
    expect(accepted(activate([ahead], unread, next)).lease.summary).toBe("backing off");
  });
});

describe("leaseOf()", () => {
  test("leaseOf() prefers the id to the process", () => {
    const resumed = lease({
      name: "b",
      session_id: "session-b",
      process: { pid: 1, start_time: "1" },
    });
    expect(leaseOf([own, resumed], following())).toBe(resumed);
    expect(leaseOf([own], following({ sole: false }))).toBeUndefined();
    expect(leaseOf([own], { ...following(), process: null })).toBeUndefined();
  });
});

describe("resume()", () => {
  const expired = lease({ run: "run-1", renewed_boot_ms: nowMs - 1e7 });

  test("resume() gives the lease back as it was, renewed, of a new generation", () => {
    const given = { ...expired, generation: 99, run: run.id, renewed_boot_ms: nowMs + 10 };
    expect(accepted(resume([], expired, next))).toEqual({
      lease: given,
      replaced: null,
      succeeded: [],
      taken: true,
    });
  });

  test("resume() refuses where the session has a lease, the name is held, or none is left", () => {
    const renamed = lease({ name: "flow" });
    const other = lease({ session_id: "session-b" });
    expect(refused(resume([renamed], expired, next)).code).toBe("handle_held");
    expect(refused(resume([other], expired, next)).code).toBe("handle_held");
    const full: readonly Lease[] = Array.from({ length: handlesMax }, (_, index) =>
      lease({ name: `s-${index}`, session_id: `id-${index}` }),
    );
    expect(refused(resume(full, expired, next)).code).toBe("lease_limit");
    expect(resume(full.slice(1), expired, next).ok).toBe(true);
  });
});
