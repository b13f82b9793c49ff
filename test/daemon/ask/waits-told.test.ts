/**
 * Reports of reached waits, composed at any instant of any history of a grant: the product's kind,
 * grants and store beside an evaluator that was written apart from them.
 */

import { expect, test } from "bun:test";
import type { z } from "zod";
import { leaseLifeMs } from "../../../src/contract/limits.ts";
import type { Reached, Until } from "../../../src/contract/reach/waits.ts";
import { seal } from "../../../src/core/audit-chain.ts";
import { type Grants, noGrants, withEntries, withoutScopes } from "../../../src/core/grants.ts";
import type { Lease } from "../../../src/core/sessions/lease.ts";
import { reachedKind } from "../../../src/daemon/ask/waits-incoming.ts";
import { type Context, createContext } from "../../../src/daemon/context/context.ts";
import { newPeer } from "../../../src/daemon/peers/grants.ts";
import type { Instant } from "../../../src/platform/effects.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { openStore } from "../../../src/store/database.ts";
import { git, lease } from "../../core/samples.ts";
import { figure } from "../../faults/measure.ts";
import { identityOf } from "../../simulation/who.ts";
import { fakeEffects } from "../../support/effects.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";
import { drawAct, drawnClocks, naively, type Written } from "../../support/naive-grants.ts";

const { fingerprint, certificate } = identityOf(1);
const names = ["hydrate", "other"];
const peer = { ...newPeer, fingerprint, certificate, name: "m1", paired_at_ms: 0 };
const settled = { acknowledged: true, exchanged: true, refused: false };

/** A daemon's context on a database in memory, whose commits come at once. */
function contextOf() {
  const effects = fakeEffects();
  const run = { id: "run", started_boot_ms: 0 };
  const store = openStore({
    path: ":memory:",
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (commit) => queueMicrotask(commit),
  });
  // Composing reads the machine's name alone.
  const config = { machine: { name: "m0" } } as never;
  return createContext({ effects, config, identity: identityOf(0), version: "0", run, store });
}

/** The grant of a peer after some acts, and the diary of them. */
function granted(draw: Draw, clocks: ReturnType<typeof drawnClocks>) {
  const diary: Written[] = [];
  let grants: Grants = noGrants;
  for (let acts = draw.between(1, 4); acts > 0; acts -= 1) {
    const act = drawAct(draw, names);
    const at = clocks.now();
    if (act.is === "grant") grants = withEntries(grants, act.input, at);
    else if (act.is === "revoke") grants = withoutScopes(grants, act.scopes);
    else grants = { ...grants, paused: act.is === "pause" };
    diary.push({ act, at });
    clocks.pass(draw);
  }
  return { grants, diary };
}

/** The facts of a report that a grant let out, in the words of its groups. */
function groupsIn({ answer }: z.infer<typeof Reached>): readonly string[] {
  if (answer === null) return [];
  const facts = {
    summary: answer.summary,
    subject: answer.git?.subject,
    branch: answer.git?.branch,
    counts: answer.git?.dirty,
    state: answer.session.state,
    harness: answer.session.harness,
    project: answer.project,
  };
  return Object.entries(facts).flatMap(([group, fact]) => ((fact ?? null) === null ? [] : [group]));
}

interface Composing {
  readonly grants: Grants;
  readonly awaited: Lease;
  readonly until: Until;
  readonly now: Instant;
}

/** The report of a reached wait as the product composes it, in one transaction. */
function composed(context: Context, { grants, awaited, until, now }: Composing) {
  const wait_id = Bun.randomUUIDv7();
  const due = { outcome: "reached", reason: null } as const;
  return context.transact(now, (work) => {
    const { tables } = work;
    const row = { ...peer, ...settled, grants };
    tables.peers.put(row);
    tables.leases.put(awaited);
    const { lease_id, name } = awaited;
    const times = { ends_ms: 1e12, renewed_ms: 0, state: null, sha: null, due };
    tables.waits.putIncoming({ fingerprint, wait_id, name, until, lease_id, ...times });
    const of = { kind: "reached", fingerprint, subject_id: wait_id, scope: "ask" } as const;
    const rank = { lane: "control", rank: 1, session: null, version: 1 } as const;
    const queued = { bytes: 2, queued_ms: 0, failures: 0, first_failure_ms: null, body: "{}" };
    const entry = { id: wait_id, ...of, ...rank, ...queued, stuck: false };
    const report = reachedKind(context).compose({ work, peer: row, now, entry });
    tables.waits.removeIncoming(fingerprint, wait_id);
    return { value: report };
  });
}

const count = 20_000;

test(
  "P43: What waits for a peer is composed as it leaves, and tells what its grant then permits. " +
    "a report of a reached wait tells no fact after its grant ended, in any history",
  async () => {
    const context = contextOf();
    let told = 0;
    let lived = 0;
    await histories(count, async (draw) => {
      lived += 1;
      const clocks = drawnClocks(draw);
      const { grants, diary } = granted(draw, clocks);
      const { wallMs, bootMs } = clocks.now();
      const now = { wallMs, bootMs, monotonicMs: bootMs };
      const agoMs = draw.oneIn(6) ? draw.between(leaseLifeMs - 1, leaseLifeMs + 1) : 5;
      const name = "hydrate";
      const held = { name, run: "run", state: "idle" as const, git, summary: "a" };
      const awaited = lease({ ...held, renewed_boot_ms: bootMs - agoMs, state_boot_ms: bootMs });
      const until = draw.pick(["idle", "commit", "gone"] as const);
      const report = await composed(context, { grants, awaited, until, now });
      let sent: z.infer<typeof Reached> | null = null;
      await report?.(async (_path, input) => {
        // The kind calls this one row.
        sent = input as z.infer<typeof Reached>;
      });
      if (sent === null) throw new Error("nothing was composed");
      const verdict = naively(diary, { scope: "ask", name }, now);
      const isLive = agoMs < leaseLifeMs;
      const isLet = typeof verdict !== "string" && isLive;
      const hidden = until === "idle" && typeof verdict !== "string" && !verdict.has("state");
      const may = isLet && !hidden ? [...verdict].sort() : [];
      expect([...groupsIn(sent)].sort()).toEqual(may);
      if (typeof verdict === "string")
        expect(sent).toMatchObject({ outcome: "ended", reason: null });
      if (may.length > 0) told += 1;
    });
    figure("R13w", { histories: lived, told_after_the_end: 0, told });
    expect(told).toBeGreaterThan(lived / 10);
  },
  historiesMs,
);
