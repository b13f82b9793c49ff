/**
 * Starts the accepted tasks of peers, and follows each to its end. The supervisor owns the truth of
 * a round: a daemon or keeper that restarts looks again, and a lost round is never run again.
 */

import type { ErrandInputOf } from "../../../contract/errands/errands.ts";
import type { Seen } from "../../../contract/tasks/errands.ts";
import { runningMax, runningOfPeerMax } from "../../../contract/tasks/limits.ts";
import { isOpen, isStarted, type Task } from "../../../core/tasks/task.ts";
import { type Cancel, type Instant, instantOf } from "../../../platform/effects.ts";
import { detach } from "../../context/detached.ts";
import type { Ended } from "../../context/ports.ts";
import { keyOf, type TaskParts } from "../parts.ts";
import { endRound } from "./ending.ts";
import { noteSeen } from "./seeing.ts";
import { type Claimed, claim } from "./starting.ts";
import { hasRule } from "./submitting.ts";
import { documentOf, permitNow } from "./weighing.ts";

/** The time before an absent keeper, or one that is busy, is asked again. */
const restMs = 2_000;

const nameOf = ({ task_id, round }: Task): string => `${task_id} ${round}`;

/** The tasks that run here. */
export class Hosting {
  readonly #parts: TaskParts;
  /** Rounds whose work is under way here; a round has one at a time. */
  readonly #busy = new Set<string>();
  readonly #rests = new Set<Cancel>();
  #isOver = false;

  constructor(parts: TaskParts) {
    this.#parts = parts;
  }

  /** Follows every round that may run, and starts the accepted tasks that have a place. */
  wake(): void {
    if (this.#isOver) return;
    for (const task of this.#parts.context.tables.tasks.open("in").filter(isStarted)) {
      this.#alone(task, () => this.#follow(task));
    }
    for (const task of startable(this.#parts, this.#busy)) {
      this.#alone(task, () => this.#start(task));
    }
  }

  close(): void {
    this.#isOver = true;
    for (const cancel of this.#rests) cancel();
  }

  #now(): Instant {
    return instantOf(this.#parts.context.effects.clock);
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.context.effects.timers.after(restMs, () => {
        this.#rests.delete(cancel);
        resolve();
      });
      this.#rests.add(cancel);
    });
  }

  /** The present row of a round that goes on; null for any other, and once this has ended. */
  #current(task: Task): Task | null {
    const row = this.#parts.context.tables.tasks.get(keyOf(task));
    return row !== null && isOpen(row) && !this.#isOver ? row : null;
  }

  #alone(task: Task, run: () => Promise<void>): void {
    const name = nameOf(task);
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    // A step that fails, as on a full disk, is tried again: the round must not be forgotten.
    const tried = async (): Promise<void> => {
      await run().catch(async (error: unknown) => {
        await this.#rest();
        throw error;
      });
    };
    detach(this.#parts.context.effects.log, "a task", () =>
      tried().finally(() => {
        this.#busy.delete(name);
        this.wake();
      }),
    );
  }

  async #follow(task: Task): Promise<void> {
    const { errands } = this.#parts;
    let known: Seen["seen"] | null = null;
    for (let row = this.#current(task); row !== null && isStarted(row); ) {
      const { task_id, round } = row;
      const input: ErrandInputOf<"task_await"> = { task_id, round, known };
      const ended: Ended<"task_await"> = await errands.run({ kind: "task_await", input });
      row = this.#current(task);
      if (row === null) return;
      if (!ended.done) await this.#rest();
      else {
        known = ended.output.seen;
        await noteSeen(this.#parts, { task: row, now: this.#now() }, ended.output);
      }
      row = this.#current(task);
    }
  }

  async #start(task: Task): Promise<void> {
    const claimed = await claim(this.#parts, task, () => this.#now());
    if (claimed === "unready") return this.#rest();
    if (claimed === null || this.#isOver) return;
    if (await this.#begun(claimed)) await this.#follow(claimed.task);
  }

  /** Asks the keeper to start a claimed round; false when it cannot. */
  async #begun({ task, order, id }: Claimed): Promise<boolean> {
    let isBusy = false;
    for (let row = this.#current(task); row?.state === "claimed"; row = this.#current(task)) {
      const start = { kind: "task_start", input: { order } } as const;
      const again = isBusy ? {} : { id };
      const ended = await this.#parts.errands.run({ ...start, ...again });
      // Without an answer the folder itself shows whether it was started.
      if (!ended.done || ended.output.started) return true;
      const { why } = ended.output;
      if (why === "busy") {
        // The keeper repeats its answer to an id: another look is another errand.
        isBusy = true;
        await this.#rest();
      } else {
        const now = this.#now();
        await endRound(this.#parts, { task: row, now }, { state: "failed", reason: why });
        return false;
      }
    }
    return true;
  }
}

/** The accepted rounds that have a place among those that run, the oldest first. */
function startable(parts: TaskParts, busy: ReadonlySet<string>): readonly Task[] {
  const open = parts.context.tables.tasks.open("in");
  const running = open.filter((task) => isStarted(task) || busy.has(nameOf(task)));
  const chosen: Task[] = [];
  for (const task of open.filter(({ state }) => state === "accepted")) {
    const all = [...running, ...chosen];
    if (all.length >= runningMax) break;
    if (!busy.has(nameOf(task)) && hasPlace(parts, task, all)) chosen.push(task);
  }
  return chosen;
}

/** True when neither its machine nor one of its rules has as much running as it may. */
function hasPlace(parts: TaskParts, task: Task, running: readonly Task[]): boolean {
  const ofPeer = running.filter(({ fingerprint }) => fingerprint === task.fingerprint);
  if (ofPeer.length >= runningOfPeerMax) return false;
  const document = documentOf(task);
  const peer = parts.context.tables.peers.get(task.fingerprint);
  const permitted = document === null ? null : permitNow(parts, peer, document);
  const bounds = permitted?.ok === true ? permitted.value.bounds : [];
  return bounds.every(
    ({ rule, atOnce }) => running.filter((other) => hasRule(other, rule)).length < atOnce,
  );
}
