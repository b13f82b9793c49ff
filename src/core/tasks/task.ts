/** A task as it is stored: one row a round, on either side. Decides nothing about policy. */

import { endStates, openStates, type TaskState } from "../../contract/tasks/task.ts";

/** The key of a round. */
export interface RoundKey {
  /** `out`: asked from here. `in`: a machine asks this one. */
  readonly direction: "in" | "out";
  readonly task_id: string;
  readonly round: number;
}

/** The fields of a round beside those that it is found by. */
export interface TaskBody {
  /** This machine's name for the peer as the task was made. */
  readonly peer_name: string;
  readonly name: string;
  readonly repository: string;
  readonly profile: string;
  readonly runner: string | null;
  /** The document as it crossed; null once the task was discarded. */
  readonly document: string | null;
  readonly document_sha256: string;
  /** JSON of the decision; null on the asking side, and before it was weighed. */
  readonly decision: string | null;
  readonly decision_sha256: string | null;
  /** The approval that the policy asks for. */
  readonly approval: "none" | "once" | "each";
  /** The digest that a person approved; null before. */
  readonly approved: string | null;
  readonly reason: string | null;
  /** Rises with each state. */
  readonly version: number;
  /** When the state was reached, in elapsed time, as far as this machine knows. */
  readonly state_ms: number;
  /** The reason for which it is to be stopped; null while it may go on. */
  readonly stop: string | null;
  /** JSON of the end, without its files. */
  readonly result: string | null;
  readonly blob: { readonly bytes: number; readonly sha256: string } | null;
  readonly bundle: { readonly bytes: number; readonly sha256: string } | null;
  /** True once every piece of the bundle is here. */
  readonly has_bundle: boolean;
  /** The commit at which the round begins; null for a folder. */
  readonly base: string | null;
  /** The id under which the keeper was asked to start it. */
  readonly claim: string | null;
  /** Starts that came to nothing. */
  readonly tries: number;
  /** The entry by which the peer still has to learn of the end. */
  readonly due: "task_event" | "task_result" | null;
  readonly asked_by: { readonly handle: string | null; readonly person: boolean };
  readonly discarded: boolean;
  /** The asking side's clone, and the mailbox that learns of the end. */
  readonly root: string | null;
  readonly ref: string | null;
  readonly mailbox: { readonly name: string | null; readonly tree: string | null };
  readonly wakes: boolean;
  /** `due`: its result has to be brought home; else the way in which that ended. */
  readonly home: "due" | "done" | "failed" | null;
  readonly home_reason: string | null;
  /** True once the asking session was told of the end. */
  readonly told: boolean;
}

/** A round of a task. Times in `_ms` are elapsed time. */
export interface Task extends RoundKey, TaskBody {
  readonly fingerprint: string;
  readonly state: TaskState;
  readonly created_ms: number;
  readonly ended_ms: number | null;
}

/** A state that a round had. */
export interface TaskStep extends RoundKey {
  readonly state: TaskState;
  readonly reason: string | null;
  readonly at_ms: number;
}

const open: readonly string[] = openStates;
const ends: readonly string[] = endStates;
/** States in which a supervisor may exist. */
const started: readonly string[] = ["claimed", "running", "collecting"];

/**
 * True for an end before the start of a round. The end of a round that ran comes by itself, with
 * its result: no other answer stands in its place.
 */
export const isUnstarted = ({ state, reason }: Pick<Task, "state" | "reason">): boolean =>
  ["refused", "expired"].includes(state) || (state === "cancelled" && reason !== "stopped");

/** True while a round goes on. */
export const isOpen = ({ state }: Pick<Task, "state">): boolean => open.includes(state);
/** True for a state in which a round has ended. */
export const isEnd = (state: TaskState): boolean => ends.includes(state);
/** True while a supervisor may exist. */
export const isStarted = ({ state }: Pick<Task, "state">): boolean => started.includes(state);
/** True while a round waits for its pieces, a person or a place. */
export const isWaiting = (task: Pick<Task, "state">): boolean => isOpen(task) && !isStarted(task);

/** The last characters of an id, by which people name it. */
export const shortTask = (taskId: string): string => taskId.slice(-4);

/** The last part of the ref of a task's commit. */
export const refName = ({ name, task_id }: Pick<Task, "name" | "task_id">): string => {
  const short = shortTask(task_id);
  return name === short ? name : `${name.slice(0, 26)}-${short}`;
};

/** The file by which a supervisor is told to stop, below the state folder. */
export const stopFile = ({ task_id, round }: Pick<Task, "task_id" | "round">): string =>
  `tasks/${task_id}/${round}/stop`;

/** States that an asker may take over from the machine that runs its task. */
export const follows = (task: Pick<Task, "state" | "version">, version: number): boolean =>
  isOpen(task) && version > task.version;
