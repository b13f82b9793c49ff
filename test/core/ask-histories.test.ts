import { expect, test } from "bun:test";
import { WireAnswer } from "../../src/contract/ask.ts";
import { leaseLifeMs } from "../../src/contract/limits.ts";
import { answerPeer } from "../../src/core/ask.ts";
import { type Lease, leaseState, type Now } from "../../src/core/sessions/lease.ts";
import { holding } from "../support/grants.ts";
import { type Draw, histories, historiesMs } from "../support/histories.ts";
import { at, git, lease, nowMs, run } from "./samples.ts";

const names = ["a", "b", "hydrate", "hydrate-2", "z".repeat(31)];

/** Facts that must stay on their machine, recognisable wherever they appear. */
const secrets = {
  session_id: "secret-session-id",
  process: { pid: 1_234_567_891, start_time: "secret-start-time" },
  cwd: "/secret/folder",
  run: run.id,
};
const secretText = /secret|1234567891|run-\d|generation|99999999/;

function anyLease(draw: Draw, name: string): Lease {
  const before = () => nowMs - draw.below(3 * leaseLifeMs);
  return lease({
    ...secrets,
    name,
    generation: 99_999_999,
    harness: draw.pick(["claude-code", "codex", "shell"]),
    project: draw.pick(["hydrate", "水", "p"]),
    run: draw.oneIn(4) ? "run-1" : run.id,
    started_boot_ms: before(),
    renewed_boot_ms: draw.oneIn(2) ? nowMs - draw.below(leaseLifeMs) : before(),
    git: draw.oneIn(3) ? null : { ...git, subject: draw.pick([null, git.subject]) },
    git_boot_ms: before(),
    summary: draw.oneIn(3) ? null : "what it does",
    state: draw.pick([null, "working", "idle", "waiting"]),
    state_since_boot_ms: before(),
    state_boot_ms: before() + draw.below(10) / 7,
  });
}

const someLeases = (draw: Draw): Lease[] =>
  names.filter(() => draw.oneIn(2)).map((name) => anyLease(draw, name));

/** Bytes of the outcome of an ask. */
function bytes(scopes: readonly "ask"[], name: string, given: [readonly Lease[], Now]): string {
  const outcome = answerPeer(
    { grants: holding(...scopes), name, at: { wallMs: 0, bootMs: 0 } },
    ...given,
  );
  return JSON.stringify(outcome.ok ? outcome.value : outcome.error.body);
}

test(
  "P16: What a peer may not see is answered like what does not exist.",
  async () => {
    const denied = bytes([], "nothing-at-all", [[], at(nowMs)]);
    await histories(3_000, (draw) => {
      const leases = someLeases(draw);
      const now = at(nowMs + draw.below(100));
      // Without the scope: the same bytes for every name, whatever there is.
      for (const name of [...names, "missing"]) expect(bytes([], name, [leases, now])).toBe(denied);
      // With it: a handle that is not served gets the bytes of one that never was.
      for (const hidden of leases.filter((lease) => leaseState(lease, now) !== "live")) {
        const without = leases.filter((lease) => lease !== hidden);
        const asked = bytes(["ask"], hidden.name, [leases, now]);
        expect(asked).toBe(bytes(["ask"], hidden.name, [without, now]));
      }
    });
  },
  historiesMs,
);

test(
  "answerPeer() gives no field but the contract's, and nothing that stays here",
  async () => {
    let answers = 0;
    await histories(3_000, (draw) => {
      const leases = someLeases(draw);
      const now = at(nowMs + draw.below(100));
      for (const name of [...names, "missing"]) {
        const outcome = answerPeer(
          { grants: holding("ask"), name, at: { wallMs: 0, bootMs: 0 } },
          leases,
          now,
        );
        expect(bytes(["ask"], name, [leases, now])).not.toMatch(secretText);
        if (!outcome.ok) continue;
        answers += 1;
        // The schema drops unknown fields: nothing may be dropped.
        expect(WireAnswer.parse(outcome.value)).toStrictEqual(outcome.value);
        expect(outcome.value.project).toBe(
          leases.find((lease) => lease.name === name)?.project ?? "",
        );
      }
    });
    expect(answers).toBeGreaterThan(1_000);
  },
  historiesMs,
);
