/**
 * The keeper of a machine in a run, and the supervisors that it starts. Supervisors outlive it, as
 * they outlive the daemon: the folders of rounds are on this machine's disk.
 */

import type {
  ErrandInputOf,
  ErrandOutputOf,
  ErrandWord,
} from "../../../src/contract/errands/errands.ts";
import type { TaskOrder } from "../../../src/contract/tasks/errands.ts";
import type { Blob } from "../../../src/contract/tasks/task.ts";
import type { Ended, Errands, Undone } from "../../../src/daemon/context/ports.ts";
import type { Owner } from "../schedule.ts";
import {
  commit,
  type Folder,
  keyOf,
  lookMs,
  type Supervising,
  seenOf,
  start,
  tree,
} from "./supervising.ts";

/** The keeper of one machine. */
export interface SimulatedKeeper {
  readonly folders: Map<string, Folder>;
  /** The program that a weighing finds now. */
  program: string;
  /** False while no keeper runs. */
  isUp: boolean;
  /** The errands of one life of the daemon. */
  errands(process: Owner): Errands;
  /** Ends the keeper: what it does in this moment has no answer. */
  die(): void;
  /** Ends a supervisor at once. */
  kill(key: string): void;
}

/** Dependencies of a keeper. */
export interface KeeperParts
  extends Pick<Supervising, "schedule" | "isStopped" | "begins" | "beginsAgain"> {
  /** A daemon asks to start a claimed round; `id` is that of its claim. */
  readonly asks: (order: TaskOrder, id: string | undefined) => void;
}

const bundle: Blob = { bytes: 1_024, sha256: "7".repeat(64) };
const awaitMs = 20_000;

type Runner = (kind: string, input: never) => unknown;

/** A keeper that runs. */
export function simulatedKeeper(parts: KeeperParts): SimulatedKeeper {
  const { schedule } = parts;
  let life: Owner = { isOver: false };
  const folders = new Map<string, Folder>();
  const machine: Owner = { isOver: false };
  const outcomes = new Map<string, Promise<unknown>>();
  const keeper: SimulatedKeeper = {
    folders,
    program: "2".repeat(64),
    isUp: true,
    die: () => {
      life.isOver = true;
      keeper.isUp = false;
      outcomes.clear();
      schedule.after(schedule.draw.below(20_000), machine, () => {
        life = { isOver: false };
        keeper.isUp = true;
      });
    },
    kill: (key) => {
      const folder = folders.get(key);
      if (folder !== undefined) folder.isLocked = false;
    },
    errands: (process) => ({ run: (errand) => run(doing, errand, process) }),
  };
  const wait = (ms: number, owner: Owner): Promise<void> =>
    new Promise((resolve) => {
      schedule.after(ms, owner, resolve);
    });
  const doing: Doing = { ...parts, keeper, wait, machine, life: () => life, outcomes };
  return keeper;
}

interface Asked<K extends ErrandWord> {
  readonly kind: K;
  readonly input: ErrandInputOf<K>;
  readonly id?: string;
}

/** Carries an errand out; the keeper remembers its answer to an id as long as it lives. */
async function run<K extends ErrandWord>(
  doing: Doing,
  { kind, input, id }: Asked<K>,
  process: Owner,
): Promise<Ended<K>> {
  const { keeper, schedule, wait, life, outcomes, asks } = doing;
  if (kind === "task_start") asks((input as ErrandInputOf<"task_start">).order, id);
  if (!keeper.isUp) {
    await wait(schedule.draw.below(50), process);
    return undone("no_keeper");
  }
  const known = id === undefined ? undefined : outcomes.get(id);
  // Each runner of the table takes the input of its own kind.
  const begun = known ?? Promise.resolve(runnersOf(doing)[kind]?.(kind, input as never));
  if (id !== undefined) outcomes.set(id, begun);
  return answered(doing, begun, { own: life(), process });
}

/** The answer to an errand. A daemon that is gone hears none; a keeper that died gives none. */
function answered<K extends ErrandWord>(
  { schedule }: Doing,
  begun: Promise<unknown>,
  { own, process }: { readonly own: Owner; readonly process: Owner },
): Promise<Ended<K>> {
  return new Promise((resolve) => {
    const over = schedule.after(awaitMs * 2, process, () => resolve(undone("deadline")));
    const answer = (ended: Ended<K>): void => {
      schedule.after(1 + schedule.draw.below(5), process, () => {
        over();
        resolve(ended);
      });
    };
    const watch = (): void => {
      if (own.isOver) answer(undone("lost"));
      else cancel = schedule.after(1_000, process, watch);
    };
    let cancel = schedule.after(1_000, process, watch);
    void begun.then((output) => {
      cancel();
      answer(own.isOver ? undone("lost") : done<K>(output));
    });
  });
}

const undone = (why: Undone): { done: false; why: Undone } => ({ done: false, why });
// Each runner of the table gives the output of its own kind.
const done = <K extends ErrandWord>(output: unknown): Ended<K> => ({
  done: true,
  output: output as ErrandOutputOf<K>,
});

/** A keeper at work. */
export interface Doing extends KeeperParts, Supervising {
  readonly keeper: SimulatedKeeper;
  readonly outcomes: Map<string, Promise<unknown>>;
}

const runnersOf = (doing: Doing): Record<string, Runner> =>
  // Each runner takes and gives what its own kind does.
  ({ ...roundRunners(doing), ...partRunners(doing) }) as unknown as Record<string, Runner>;

function roundRunners(doing: Doing) {
  const { keeper, schedule, wait, life } = doing;
  const { draw } = schedule;
  const { folders } = keeper;
  return {
    task_weigh: async (_kind: string, input: ErrandInputOf<"task_weigh">) => {
      await wait(1 + draw.below(draw.oneIn(8) ? 5_000 : 200), life());
      const found = { runner: input.runner, version: "1", path: "/usr/bin/claude" };
      const program = { ...found, argv: ["claude"], sha256: keeper.program };
      return { path: input.place.path, program, gates: [] };
    },
    task_start: async (_kind: string, { order }: ErrandInputOf<"task_start">) => {
      await wait(1 + draw.below(draw.oneIn(6) ? 4_000 : 300), life());
      return start(doing, order);
    },
    task_await: async (_kind: string, { known, ...id }: ErrandInputOf<"task_await">) => {
      const own = life();
      for (let ms = 0; ; ms += lookMs) {
        const seen = seenOf(folders.get(keyOf(id)));
        if (seen.seen !== known || ms >= awaitMs) return seen;
        await wait(lookMs, own);
      }
    },
  };
}

function partRunners({ keeper: { folders }, schedule: { draw }, wait, life }: Doing) {
  return {
    task_pack: async (_kind: string, input: ErrandInputOf<"task_pack">) => ({
      ...{ packed: true, root: "/home/a/hydrate", base: commit, left_out: 0 },
      bundle: input.bundle ? bundle : null,
    }),
    task_put: async (_kind: string, { whole }: ErrandInputOf<"task_put">) => {
      await wait(1 + draw.below(40), life());
      return { put: "whole", have: whole.bytes };
    },
    task_get: async (_kind: string, { blob }: ErrandInputOf<"task_get">) => {
      const text = folders.get(keyOf(blob))?.text ?? "";
      const bytes = blob.part === "result" ? Buffer.from(text) : Buffer.alloc(tree.bytes);
      if (blob.part === "result" && text === "") return { piece: null };
      return { piece: { data: bytes.toString("base64"), total: bytes.length, ended: true } };
    },
    task_import: async (_kind: string, input: ErrandInputOf<"task_import">) => ({
      imported: true,
      ref: `refs/peernet/${input.machine}/${input.name}`,
    }),
    task_discard: async (_kind: string, input: ErrandInputOf<"task_discard">) => {
      if (input.ours) return {};
      for (const [key, folder] of folders) {
        if (!key.startsWith(`${input.task_id} `)) continue;
        folder.isLocked = false;
        folders.delete(key);
      }
      return {};
    },
  };
}
