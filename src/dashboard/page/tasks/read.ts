/**
 * The page's copy of the tasks: read once, and again after each event that reports a change. Keeps
 * the task that is shown whole, with both digests that an approval of it sends. Draws nothing.
 */

import { batch, computed, effect, signal } from "@preact/signals";
import type { ShownTask, TaskOutput } from "../../../contract/tasks/local.ts";
import { isOpen } from "../../../contract/tasks/words.ts";
import { now } from "../state/browser.ts";
import { tab } from "../state/selection.ts";
import { call, type Failure } from "../state/server.ts";
import { connection, witness } from "../state/state.ts";

/** A value that was read, and when by the page's clock. */
export interface ReadAt<T> {
  readonly value: T;
  readonly atMs: number;
}

/** The tasks of both sides, the newest first; null before the first reading. */
export const tasks = signal<ReadAt<readonly ShownTask[]> | null>(null);
/** The reason why the tasks could not be read. */
export const readError = signal<Failure | null>(null);
/** The id of the task that a person opened. */
export const opened = signal<string | null>(null);
/** The shown task whole. */
export const whole = signal<ReadAt<TaskOutput> | null>(null);

/** True for a task that waits for a person here. */
export const isHeld = ({ direction, state }: ShownTask): boolean =>
  direction === "in" && state === "held";

/** The tasks in the order of their need for a person: held here, going on, ended. */
export const groups = computed(() => {
  const all = tasks.value?.value ?? [];
  const held = all.filter(isHeld).reverse();
  const goesOn = all.filter((task) => isOpen(task.state) && !isHeld(task));
  return { held, goesOn, ended: all.filter(({ state }) => !isOpen(state)) };
});

/** The id of the task beside the list: the opened one, else the first that is held here. */
export const shownId = computed(() => opened.value ?? groups.value.held[0]?.task_id ?? null);

let isReading = false;
let isStale = false;

/** Keeps the tasks current while the page lives. */
export function keepTasks(): void {
  witness(({ event }) => {
    if (event === "tasks") void readTasks();
  });
  effect(() => {
    if (connection.value === "live" && tab.value === "tasks") void readTasks();
  });
}

/** Reads the tasks; a change during the reading leads to one more. */
export async function readTasks(): Promise<void> {
  if (tab.peek() !== "tasks") return;
  isStale = true;
  if (isReading) return;
  isReading = true;
  while (isStale) {
    isStale = false;
    const reply = await call("tasks", { all: true });
    batch(() => {
      readError.value = reply.ok ? null : reply.error;
      if (reply.ok) tasks.value = { value: reply.value.tasks, atMs: now() };
    });
    await readWhole();
  }
  isReading = false;
}

async function readWhole(): Promise<void> {
  const id = shownId.peek();
  if (id === null) return;
  const reply = await call("tasks/show", { task: id });
  // The person may have opened another one meanwhile.
  if (reply.ok && shownId.peek() === id) whole.value = { value: reply.value, atMs: now() };
}

/** Opens a task, or goes back to the list. */
export function open(id: string | null): void {
  opened.value = id;
  void readTasks();
}
