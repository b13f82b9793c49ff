/**
 * The invariants of tasks in a run. Knows the acts of people, what began, and the trails; knows
 * nothing of how a task is decided.
 */

import type { AuditRecord } from "../../../src/contract/audit.ts";
import type { TaskOrder } from "../../../src/contract/tasks/errands.ts";
import type { TaskDecision } from "../../../src/contract/tasks/task.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { Machine } from "../machine.ts";
import { approvalOf, type KnownPolicy } from "./policies.ts";
import { keyOf } from "./supervising.ts";

/** A decision as a person was shown it, and approved it. */
export interface Shown {
  readonly task_id: string;
  readonly round: number;
  readonly document_sha256: string;
  readonly decision: TaskDecision;
}

/** The state of a machine in the moment in which its daemon starts a claimed round. */
export interface Starting {
  readonly machine: Machine;
  readonly order: TaskOrder;
  readonly policy: KnownPolicy;
  readonly peer: { readonly fingerprint: string; readonly isMine: boolean } | null;
  readonly isStopped: boolean;
}

/** Judges the tasks of one run. */
export interface TaskJudge {
  readonly violations: string[];
  readonly counts: Counts;
  say(what: string): void;
  approves(machine: Machine, shown: Shown): void;
  /** A person was told that a round ends before its start. */
  withdrawn(task_id: string, round: number): void;
  /** A pairing ends; once that is told, the approvals from before it hold no longer. */
  parting(machine: Machine): () => void;
  starting(starting: Starting): void;
  begins(order: TaskOrder, isStopped: boolean): void;
  /** The run is over: nothing was in the way for a while. */
  rested(machines: readonly Machine[], isUndisturbed: boolean): void;
  /** Every row is as old as a row may become. */
  aged(machine: Machine): void;
}

interface Counts {
  submitted: number;
  started: number;
  ended: number;
  lost: number;
  held: number;
  approved: number;
  rounds: number;
  told: number;
}

const words = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort())
      : each,
  );

/** A decision without the parts that a standing approval leaves open. */
const standing = ({
  base: _base,
  bundle_sha256: _bundle,
  policy_sha256: _policy,
  ...rest
}: TaskDecision) => words(rest);

/** Makes a judge. */
export function taskJudge(): TaskJudge {
  const violations: string[] = [];
  const counts: Counts = {
    ...{ submitted: 0, started: 0, ended: 0, lost: 0, held: 0, approved: 0, rounds: 0, told: 0 },
  };
  const begun = new Set<string>();
  const withdrawn = new Set<string>();
  const approved = new Map<number, Shown[]>();
  const say = (what: string): void => void violations.push(what);
  return {
    violations,
    counts,
    say,
    approves: ({ index }, shown) => {
      counts.approved += 1;
      approved.set(index, [...(approved.get(index) ?? []), shown]);
    },
    withdrawn: (task_id, round) => withdrawn.add(keyOf({ task_id, round })),
    parting: ({ index }) => {
      const before = new Set(approved.get(index));
      return () => {
        const left = approved.get(index)?.filter((shown) => !before.has(shown));
        approved.set(index, left ?? []);
      };
    },
    starting: (starting) => {
      for (const flaw of startFlaws(starting, approved.get(starting.machine.index) ?? []))
        say(flaw);
    },
    begins: (order, isStopped) => {
      const key = keyOf(order);
      counts.started += 1;
      if (order.round > 1) counts.rounds += 1;
      if (begun.has(key)) say(`a round began twice: ${key}`);
      if (withdrawn.has(key)) say(`a round began after its end was told: ${key}`);
      if (isStopped) say(`a round began although it was told to stop: ${key}`);
      begun.add(key);
    },
    rested: (machines, isUndisturbed) => {
      const own = (each: Machine) => [...sideFlaws(each, counts), ...toldFlaws(each, counts)];
      for (const flaw of machines.flatMap(own)) say(flaw);
      for (const flaw of pairFlaws(machines, isUndisturbed)) say(flaw);
    },
    aged: ({ index, disk: { tables } }) => {
      for (const flaw of ageFlaws(index, tables)) say(flaw);
    },
  };
}

/** Rows that are older than any row may become. */
const ageFlaws = (index: number, tables: Machine["disk"]["tables"]): readonly string[] =>
  (["in", "out"] as const).flatMap((direction) =>
    tables.tasks.since(direction, -1).map(({ state, ...row }) => {
      const standing = isPeer(tables) ? "paired" : "parted";
      return `a row stays for ever: ${direction} ${keyOf(row)} ${state} at m${index}, ${standing}`;
    }),
  );

const isPeer = (tables: Machine["disk"]["tables"]): boolean =>
  tables.peers.all().some(({ refused }) => !refused);

/** The reasons for which a round must not have been started. */
function startFlaws(
  { order, policy, peer, isStopped }: Starting,
  approvals: readonly Shown[],
): readonly string[] {
  const key = keyOf(order);
  const { decision, document_sha256, round, task_id } = order;
  // Its supervisor was told to stop in the same moment.
  if (isStopped) return [];
  if (peer === null) return [`a round was started for a machine that is no peer: ${key}`];
  const isAllowed =
    policy.profiles.includes(decision.profile) && decision.policy_sha256 === policy.digest;
  if (!isAllowed) return [`a round was started that the policy does not allow: ${key}`];
  const approval = approvalOf(policy, decision.profile, peer.isMine);
  const isExact = approvals.some(
    (shown) =>
      shown.task_id === task_id &&
      shown.round === round &&
      shown.document_sha256 === document_sha256 &&
      words(shown.decision) === words(decision),
  );
  const isStanding = approvals.some((shown) => standing(shown.decision) === standing(decision));
  if (approval === "none" || isExact || (approval === "once" && isStanding)) return [];
  return [`a round was started that nobody approved as it is: ${key}`];
}

const trailOf = ({ disk }: Machine): readonly AuditRecord[] =>
  disk.tables.audit.next({ afterSeq: 0, all: true }, 100_000).filter(({ verb }) => verb === "task");

const roundIn = ({ details }: AuditRecord): number => JSON.parse(details ?? "{}").round ?? 0;
const results = new Set(["completed", "failed", "timed_out", "over_budget", "cancelled", "lost"]);

/** The records of the ends of rounds, by round, with the digest of the result. */
function endsOf(machine: Machine, direction: "in" | "out"): Map<string, AuditRecord[]> {
  const ends = trailOf(machine).filter(
    (record) => record.direction === direction && results.has(record.outcome) && !isFetch(record),
  );
  return Map.groupBy(ends, (record) =>
    keyOf({ task_id: record.subject_id ?? "", round: roundIn(record) }),
  );
}

const isFetch = ({ details }: AuditRecord): boolean =>
  JSON.parse(details ?? "{}").act !== undefined;

/** A round ends once, and a lost one stays lost. */
function sideFlaws(machine: Machine, counts: Counts): readonly string[] {
  const flaws: string[] = [];
  for (const direction of ["in", "out"] as const) {
    for (const [key, records] of endsOf(machine, direction)) {
      counts.ended += 1;
      const outcomes = records.map(({ outcome }) => outcome);
      if (outcomes.includes("lost") && direction === "in") counts.lost += 1;
      if (records.length > 1) flaws.push(`a round ended twice: ${key}: ${outcomes.join(", ")}`);
    }
  }
  counts.held += trailOf(machine).filter(({ outcome }) => outcome === "held").length;
  return flaws;
}

/** The asking session is told of each end once. */
function toldFlaws(machine: Machine, counts: Counts): readonly string[] {
  const { tables } = machine.disk;
  const mail = tables.messages
    .list({ all: true, limit: 10_000 })
    .filter(({ text }) => text?.startsWith("task ") === true);
  counts.told += mail.length;
  const ofTask = Map.groupBy(mail, ({ thread_id }) => thread_id);
  const rounds = Map.groupBy(tables.tasks.since("out", -1), ({ task_id }) => task_id);
  return [...rounds].flatMap(([id, all]) => {
    // A command that was answered by an end has told it.
    const due = all.filter((round) => round.ended_ms !== null && wasOpen(machine, round)).length;
    const told = ofTask.get(id)?.length ?? 0;
    const most = all.filter(({ ended_ms }) => ended_ms !== null).length;
    if (told > most) return [`a session was told an end twice: ${id}`];
    return told < due ? [`a session was not told an end: ${id} ${told} of ${due}`] : [];
  });
}

const open = new Set(["held", "accepted", "claimed", "running", "collecting"]);

/** True for a round that the asker knew as one that goes on at its machine. */
const wasOpen = ({ disk: { tables } }: Machine, of: Task): boolean =>
  tables.tasks.steps(of).some(({ round, state }) => round === of.round && open.has(state));

/** The two ends of each round agree. */
function pairFlaws(machines: readonly Machine[], isUndisturbed: boolean): readonly string[] {
  return machines.flatMap((asker) => {
    const host = machines.find((each) => each !== asker) ?? asker;
    const there = endsOf(host, "in");
    const here = endsOf(asker, "out");
    return asker.disk.tables.tasks.since("out", -1).flatMap((row) => {
      const key = keyOf(row);
      const [theirs] = there.get(key) ?? [];
      const [ours] = here.get(key) ?? [];
      const digests = [theirs?.content_sha256 ?? null, ours?.content_sha256 ?? null];
      if (digests[1] !== null && digests[0] !== digests[1]) {
        return [`the two ends of a round differ: ${key}`];
      }
      // The network of a run brings a call twice: one of the two may be refused, and one taken.
      if (!isUndisturbed || row.state === "refused") return [];
      const hosted = host.disk.tables.tasks.get({ ...row, direction: "in" });
      const isOver = hosted !== null && hosted.ended_ms !== null;
      if (isOver && row.ended_ms === null) return [`an asker never learned of an end: ${key}`];
      // Where the policy allows nothing any more, the asker learns the state alone.
      const isWhole = digests[0] === digests[1] || row.reason === "policy";
      return isOver && !isWhole ? [`an end is on one record alone: ${key}`] : [];
    });
  });
}
