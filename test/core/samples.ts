/** Leases and instants for the tests of `src/core`. */

import type { Outcome, PeernetError } from "../../src/contract/errors.ts";
import type { ActivateInput } from "../../src/contract/lease.ts";
import type { Lease, Now, Run } from "../../src/core/sessions/lease.ts";

/** The run of the daemon that is under way; it began a while before `nowMs`. */
export const run: Run = { id: "run-2", started_boot_ms: 1_000_000 };
/** An instant in that run. */
export const nowMs = 1_500_000;

/** An instant, by the boot clock, in the run that is under way. */
export const at = (bootMs: number, of: Run = run): Now => ({ bootMs, run: of });

/** The facts of git in every sample. */
export const git = {
  sha: "91c0d7e000000000000000000000000000000000",
  subject: "sync: back off after 429",
  branch: "main",
  dirty: 3,
} as const;

/** A lease that was activated a minute before it was renewed at `nowMs`. */
export const lease = (more: Partial<Lease> = {}): Lease => ({
  name: "hydrate",
  generation: 7,
  lease_id: "0190a0a0-0000-7000-8000-000000000007",
  harness: "claude-code",
  session_id: "session-a",
  process: { pid: 4242, start_time: "111" },
  cwd: "/home/ada/src/hydrate",
  project: "hydrate",
  run: run.id,
  started_boot_ms: nowMs - 60_000,
  renewed_boot_ms: nowMs,
  git,
  git_why: null,
  git_boot_ms: nowMs - 4_000,
  summary: "backing off",
  summary_boot_ms: nowMs - 9_000,
  state: "working",
  state_since_boot_ms: nowMs - 8_000,
  state_boot_ms: nowMs - 2_000,
  ...more,
});

/** The request by which another session than the sample lease's would be activated. */
export const request = (more: Partial<ActivateInput> = {}): ActivateInput => ({
  harness: "shell",
  session_id: null,
  process: { pid: 77, start_time: "222" },
  cwd: "/home/ada/src/other",
  project: "other",
  git: null,
  ...more,
});

/** The request by which the session of a lease activates again. */
export const again = (of: Lease, more: Partial<ActivateInput> = {}): ActivateInput => {
  const { harness, session_id, process, cwd, project, git } = of;
  return { harness, session_id, process, cwd, project, git, ...more };
};

/** The value of an outcome. @throws the refusal */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

/** The refusal of an outcome, as it crosses a boundary. @throws when there is none */
export function refused(outcome: Outcome<unknown>): PeernetError["body"] {
  if (outcome.ok) throw new Error(`accepted: ${JSON.stringify(outcome.value)}`);
  return outcome.error.body;
}
