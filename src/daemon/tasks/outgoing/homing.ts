/** Repeats what an absent machine or keeper held up: bundles that go, and ends that come home. */

import { isOpen, type Task } from "../../../core/tasks/task.ts";
import { type Cancel, instantOf } from "../../../platform/effects.ts";
import { detach } from "../../context/detached.ts";
import { keyOf, type TaskParts } from "../parts.ts";
import { tell } from "./answers.ts";
import { bringHome } from "./home.ts";
import { sendBundle } from "./packing.ts";

/** The first pause before another try; it doubles up to the last. */
const pauseMs = 1_000;
const pauseMsMax = 60_000;
/** An end is told without its commits after that many tries. */
const triesBeforeTold = 6;

interface Transfer {
  readonly what: "bundle" | "end";
  readonly isNeeded: (row: Task) => boolean;
  readonly run: (row: Task) => Promise<unknown>;
}

/** The transfers of this machine's own tasks. */
export class Homing {
  readonly #parts: TaskParts;
  /** Transfers under way; a round has one of each kind at a time. */
  readonly #busy = new Set<string>();
  readonly #pauses = new Map<Cancel, () => void>();
  readonly #leave: () => void;
  #isOver = false;

  constructor(parts: TaskParts) {
    this.#parts = parts;
    // A machine that is back is asked at once.
    this.#leave = parts.context.events.listen((item) => {
      if (item.of === "greeted") for (const go of [...this.#pauses.values()]) go();
    });
  }

  /** Goes on with everything from before a start. */
  begin(): void {
    const { tasks } = this.#parts.context.tables;
    for (const task of tasks.due("out")) {
      if (task.home === "due") this.bring(task);
      else detach(this.#parts.context.effects.log, "telling an end", () => this.#tell(task));
    }
    for (const task of tasks.open("out")) if (!task.has_bundle) this.send(task);
  }

  /** Sends the bundle of a task, as far as its machine lacks it. */
  send(task: Task): void {
    this.#insist(task, {
      what: "bundle",
      isNeeded: (row) => isOpen(row) && !row.has_bundle,
      run: (row) => sendBundle(this.#parts, row),
    });
  }

  /** Brings an end home. */
  bring(task: Task): void {
    this.#insist(task, {
      what: "end",
      isNeeded: ({ home }) => home === "due",
      run: (row) => bringHome(this.#parts, row),
    });
  }

  close(): void {
    this.#isOver = true;
    this.#leave();
    for (const cancel of this.#pauses.keys()) cancel();
  }

  /** Tries until it is done. */
  #insist(task: Task, transfer: Transfer): void {
    const key = `${transfer.what} ${JSON.stringify(keyOf(task))}`;
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    detach(this.#parts.context.effects.log, "a transfer", () =>
      this.#tries(task, transfer).finally(() => this.#busy.delete(key)),
    );
  }

  async #tries(task: Task, { isNeeded, run }: Transfer): Promise<void> {
    for (let tries = 0; !this.#isOver; tries++) {
      const row = this.#parts.context.tables.tasks.get(keyOf(task));
      if (row === null || !isNeeded(row)) return;
      const isDone = await run(row).then(
        () => true,
        () => false,
      );
      if (isDone || this.#isOver) return;
      // Telling may fail as well, as on a full disk: it is part of the next try.
      const isDue = tries >= triesBeforeTold && !row.told && !isOpen(row);
      if (isDue) await this.#tell(row).catch(() => {});
      await this.#pause(tries);
    }
  }

  #pause(tries: number): Promise<void> {
    return new Promise((resolve) => {
      const ms = Math.min(pauseMsMax, pauseMs * 2 ** Math.min(tries, 10));
      const go = (): void => {
        cancel();
        this.#pauses.delete(cancel);
        resolve();
      };
      const cancel = this.#parts.context.effects.timers.after(ms, go);
      this.#pauses.set(cancel, go);
    });
  }

  /** Tells an end whose commits are not here. */
  async #tell(task: Task): Promise<void> {
    const { context } = this.#parts;
    const now = instantOf(context.effects.clock);
    await context.transact(now, (work) => {
      tell(this.#parts, { work, now }, task);
      return { value: undefined };
    });
  }
}
