/** Dependencies and steps that the parts about tasks share. No other part changes a state. */

import type { TaskState } from "../../contract/tasks/task.ts";
import type { AuditDraft, Details } from "../../core/audit-chain.ts";
import { isEnd, isOpen, type RoundKey, type Task } from "../../core/tasks/task.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { PeerCounts } from "../context/peer-counts.ts";
import type { Errands, Policies, Tidings } from "../context/ports.ts";
import type { Links } from "../links/links.ts";
import { enqueue } from "../outbox/enqueue.ts";
import type { PeerMemories } from "../peers/memories.ts";

/** Dependencies of the parts about tasks. */
export interface TaskParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
  readonly errands: Errands;
  readonly counts: PeerCounts;
  readonly policy: Policies;
  /** Sends a peer's waiting entries. */
  readonly wake: (fingerprint: string) => void;
  /** Tells a session of the end of its task, inside the transaction of that end. */
  readonly tidings: () => Tidings;
}

/** A transaction, and the instant of its request. */
export interface Doing {
  readonly work: Work;
  readonly now: Instant;
}

/** The key of a round, without its other fields. */
export const keyOf = ({ direction, task_id, round }: RoundKey): RoundKey => ({
  direction,
  task_id,
  round,
});

/** A change of a round. */
export interface Moving {
  readonly task: Task;
  readonly state: TaskState;
  readonly reason?: string | null;
  /** Other fields that change with it. */
  readonly more?: Partial<Task>;
  /** The age of the state where another machine told it. */
  readonly ageMs?: number;
}

/** Moves a round to a state, in one transaction with the entry that tells the asker. */
export function move(parts: TaskParts, doing: Doing, moving: Moving): Task {
  const { context } = parts;
  const { task, state, reason = null, more = {}, ageMs = 0 } = moving;
  const { work, now } = doing;
  const nowMs = elapsedAt(context, now);
  const moved: Task = {
    ...task,
    ...{ state, reason, version: task.version + 1, state_ms: Math.max(0, nowMs - ageMs) },
    ...(isEnd(state) ? { ended_ms: nowMs, due: dueOf(task, "task_event") } : {}),
    ...more,
  };
  work.tables.tasks.put(moved);
  work.tables.tasks.addStep({ ...keyOf(task), state, reason, at_ms: moved.state_ms });
  if (task.direction === "in") {
    tellAsker(parts, doing, moved);
    if (isParked(moved)) work.after(() => discardFiles(parts, moved));
  }
  return moved;
}

/** True for a round that ended before its start, and whose bundle nobody needs. */
const isParked = ({ state, claim, bundle, result }: Task): boolean =>
  isEnd(state) && claim === null && result === null && bundle !== null;

/** Removes a task's folders by the keeper; a second time does nothing. */
export function discardFiles(
  { errands, context }: Pick<TaskParts, "errands" | "context">,
  { task_id, direction }: Pick<Task, "task_id" | "direction">,
): void {
  const input = { task_id, ours: direction === "out" };
  detach(context.effects.log, "discarding a task", () =>
    errands.run({ kind: "task_discard", input }),
  );
}

const dueOf = ({ direction }: Task, kind: NonNullable<Task["due"]>): Task["due"] =>
  direction === "in" ? kind : null;

/**
 * Queues the entry by which the asker learns of the present state. A full outbox loses no end: the
 * row says that it is due, and the sweep queues it.
 */
export function tellAsker(parts: TaskParts, { work, now }: Doing, task: Task): void {
  const { context, wake } = parts;
  const { fingerprint, task_id, round } = task;
  if (work.tables.peers.get(fingerprint) === null) return;
  const kind = task.due ?? "task_event";
  const of = { fingerprint, subject_id: task_id, scope: null, session: null } as const;
  if (kind === "task_result") {
    work.tables.outbox.removeSubject({ fingerprint, kind: "task_event", subject_id: task_id });
  }
  const body = JSON.stringify({ task_id, round });
  enqueue(context, work, { draft: { ...of, kind, body, replaces: true }, now });
  work.after(() => wake(fingerprint));
}

/** A repository of this machine or of a peer, as a record names it. */
export const placeName = (context: Pick<Context, "config">, task: Task): string =>
  `${task.direction === "in" ? context.config.machine.name : task.peer_name}:${task.repository}`;

/** A record about a task. */
export interface TaskRecord {
  readonly task: Task;
  readonly outcome: string;
  readonly direction?: "in" | "out" | "local";
  readonly origin?: Partial<AuditDraft>;
  readonly content_sha256?: string | null;
  readonly details?: Details;
}

/** Records a step of a task: never its prompt, its claims or its files. */
export function recordTask(
  { context }: Pick<TaskParts, "context">,
  { work }: Doing,
  { task, outcome, direction = task.direction, origin = {}, content_sha256, details }: TaskRecord,
): void {
  const handle = task.asked_by.handle;
  const asker = task.direction === "in" ? task.peer_name : context.config.machine.name;
  work.record({
    ...{ direction, verb: "task", outcome, subject_id: task.task_id },
    ...{ peer_fingerprint: task.fingerprint, peer_name: task.peer_name, ...origin },
    handle: placeName(context, task),
    from_handle: handle === null || handle.includes("/") ? handle : `${asker}/${handle}`,
    content_sha256: content_sha256 ?? null,
    details: { round: task.round, profile: task.profile, ...details },
  });
}

/** The open rounds of a peer here that have not started. */
export const waitingOf = (work: Work, fingerprint: string): readonly Task[] =>
  work.tables.tasks.open("in").filter((task) => task.fingerprint === fingerprint && isOpen(task));
