import type { ErrandInputOf, ErrandOutputOf } from "../../../src/contract/errands/errands.ts";
import type { Gate, Seen, TaskOrder } from "../../../src/contract/tasks/errands.ts";
import type { Blob, TaskResult } from "../../../src/contract/tasks/task.ts";
import { doErrands, type ErrandRunners } from "../../../src/keeper/errands.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import type { Machine } from "../../support/daemon.ts";
import { fakeLog } from "../../support/effects.ts";
import { noReaders } from "../../support/readers.ts";
import { sampleResult } from "../../support/tasks.ts";

/** A round as the test's keeper has it. */
export interface Round {
  readonly order: TaskOrder;
  seen: Seen["seen"];
  result: Seen["result"];
  /** Starts that were asked for. */
  starts: number;
}

/** A keeper of the test's own. */
export interface Keeper {
  readonly rounds: Map<string, Round>;
  /** Gates that a weighing finds. */
  gates: Gate[];
  /** The digest of the program that a weighing finds. */
  program: string;
  /** The words of the program that a weighing finds. */
  argv: string[];
  /** Weighings so far. */
  weighed: number;
  readonly puts: string[];
  readonly imports: unknown[];
  /** The reason why commits are not imported; null where they are. */
  unimported: ErrandOutputOf<"task_import"> | null;
  readonly discarded: unknown[];
  /** The content of parts, by id and part. */
  readonly parts: Map<string, Uint8Array>;
  bundle: Blob | null;
  /** Moves a round on. */
  set(order: Pick<TaskOrder, "task_id" | "round">, seen: Seen["seen"]): void;
  /** Ends a round as its supervisor would. */
  finish(order: TaskOrder, changed?: Partial<TaskResult>): Uint8Array;
  /** Called before a weighing is answered. */
  weighing: () => Promise<void>;
  /** Called before a start is answered. */
  starting: (order: TaskOrder) => Promise<boolean>;
  /** The number of starts that are answered with busy. */
  busy: number;
  end(): void;
}

/** The key of a round among those of a keeper. */
export const keyOf = ({ task_id, round }: { task_id: string; round: number }) =>
  `${task_id} ${round}`;
const none = async () => null;
/** Pieces here are short, so that each blob has several. */
const pieceBytes = 512;
const commit = "91c0d7e0000000000000000000000000000000ab";
const sha256 = (bytes: Uint8Array): string => new Bun.SHA256().update(bytes).digest("hex");

/** Starts a keeper of a machine. */
export function keeperOf(on: Pick<Machine, "calls">): Keeper {
  const leaving = new AbortController();
  let changed = Promise.withResolvers<void>();
  const tell = (): void => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const keeper: Keeper = {
    ...{ rounds: new Map(), gates: [], program: "2".repeat(64), weighed: 0, puts: [] },
    argv: ["claude"],
    ...{ imports: [], discarded: [], parts: new Map(), bundle: null, busy: 0 },
    unimported: null,
    weighing: async () => {},
    starting: async () => true,
    set: (order, seen) => {
      const round = keeper.rounds.get(keyOf(order));
      if (round !== undefined) round.seen = seen;
      tell();
    },
    finish: (order, more = {}) => {
      const round = keeper.rounds.get(keyOf(order));
      const { task_id, round: number, document_sha256, decision_sha256 } = order;
      const of = { round: number, document_sha256, decision_sha256 };
      const whole = sampleResult(task_id, { ...of, ...more });
      const bytes = new TextEncoder().encode(JSON.stringify(whole));
      keeper.parts.set(`${task_id} ${number} result`, bytes);
      const short = { ...whole, measured: { ...whole.measured, files: [] } };
      if (round !== undefined) {
        round.seen = "ended";
        round.result = { short, blob: { bytes: bytes.length, sha256: sha256(bytes) } };
      }
      tell();
      return bytes;
    },
    end: () => leaving.abort(),
  };
  const runners = runnersOf(keeper, { tell, changed: () => changed.promise });
  const parts = { calls: on.calls, runners, timers, log: fakeLog() };
  const doing = doErrands({ ...parts, version: "0.1.0" });
  leaving.signal.addEventListener("abort", () => {
    tell();
    void doing.end();
  });
  return keeper;
}

interface Changes {
  readonly tell: () => void;
  readonly changed: () => Promise<void>;
}

function runnersOf(keeper: Keeper, changes: Changes): ErrandRunners {
  return {
    ...{ notify: none, queue: none, search: none, ...noReaders },
    ...roundRunners(keeper, changes),
    ...partRunners(keeper),
  };
}

type RoundWord = "task_weigh" | "task_start" | "task_await";

function roundRunners(keeper: Keeper, { tell, changed }: Changes): Pick<ErrandRunners, RoundWord> {
  const seenOf = (round: Round | undefined): Seen => ({
    ...{ seen: round?.seen ?? "absent", log_bytes: 0, running_ms: null },
    result: round?.result ?? null,
  });
  return {
    task_weigh: async ({ place, runner }) => {
      keeper.weighed += 1;
      await keeper.weighing();
      const found = { runner, version: "2.1.329", path: "/usr/bin/claude", argv: keeper.argv };
      const program = { ...found, sha256: keeper.program };
      return { path: place.path, program, gates: keeper.gates };
    },
    task_start: async ({ order }) => {
      if (!(await keeper.starting(order))) throw new Error("the keeper died");
      if (keeper.busy-- > 0) return { started: false, why: "busy", detail: "another begins" };
      const known = keeper.rounds.get(keyOf(order));
      const round: Round = known ?? { order, seen: "preparing", result: null, starts: 0 };
      round.starts += 1;
      keeper.rounds.set(keyOf(order), round);
      tell();
      return { started: true };
    },
    task_await: async ({ known, ...id }, signal) => {
      for (;;) {
        const seen = seenOf(keeper.rounds.get(keyOf(id)));
        if (seen.seen !== known || signal.aborted) return seen;
        await changed();
      }
    },
  };
}

type PartWord = "put" | "get" | "pack" | "import" | "discard" | "runners";

function partRunners(keeper: Keeper): Pick<ErrandRunners, `task_${PartWord}`> {
  const partOf = ({ task_id, round, part }: ErrandInputOf<"task_get">["blob"]): string =>
    `${task_id} ${round} ${part}`;
  return {
    task_put: async ({ blob, data, offset, whole }) => {
      const before = keeper.parts.get(partOf(blob)) ?? new Uint8Array();
      const bytes = Buffer.concat([before.slice(0, offset), Buffer.from(data, "base64")]);
      keeper.parts.set(partOf(blob), bytes);
      keeper.puts.push(blob.part);
      const isWhole = bytes.length === whole.bytes;
      const put = !isWhole ? "more" : sha256(bytes) === whole.sha256 ? "whole" : "wrong";
      return { put, have: bytes.length };
    },
    task_get: async ({ blob, offset }) => {
      const bytes = keeper.parts.get(partOf(blob));
      if (bytes === undefined) return { piece: null };
      const data = Buffer.from(bytes.slice(offset, offset + pieceBytes)).toString("base64");
      return { piece: { data, total: bytes.length, ended: true } };
    },
    task_pack: async ({ bundle }) => ({
      ...{ packed: true, root: "/home/a/hydrate", base: commit, left_out: 1 },
      bundle: bundle ? keeper.bundle : null,
    }),
    task_import: async (input) => {
      keeper.imports.push(input);
      return (
        keeper.unimported ?? { imported: true, ref: `refs/peernet/${input.machine}/${input.name}` }
      );
    },
    task_discard: async (input) => {
      keeper.discarded.push(input);
      return {};
    },
    task_runners: none,
  };
}
