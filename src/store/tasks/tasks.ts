/** Tasks of both sides in the database: rounds, their states, approvals. Decides nothing. */

import type { Database, SQLQueryBindings } from "bun:sqlite";
import { statesMax } from "../../contract/tasks/limits.ts";
import { openStates } from "../../contract/tasks/task.ts";
import type { RoundKey, Task, TaskBody, TaskStep } from "../../core/tasks/task.ts";
import { insertSql, parsed, replaceSql } from "../stored.ts";

type Direction = Task["direction"];

/** An approval that stands. */
export interface StandingKey {
  readonly fingerprint: string;
  readonly rules: string;
  readonly profile: string;
}

/** Tasks of both sides. */
export interface TaskTable {
  /** Rises with every change since the start. */
  changes(): number;
  add(task: Task): void;
  put(task: Task): void;
  get(key: RoundKey): Task | null;
  /** The last round of a task. */
  latest(direction: Direction, taskId: string): Task | null;
  /** Rounds that go on. */
  open(direction: Direction): readonly Task[];
  /** Rounds of which the peer, or the asking session, has still to learn or to get something. */
  due(direction: Direction): readonly Task[];
  /** Rounds since an instant, by their beginning. */
  since(direction: Direction, createdMs: number): readonly Task[];
  /** The last rounds, the newest first; ended ones on request. */
  list(filter: {
    readonly directions: readonly Direction[];
    readonly all: boolean;
    readonly limit: number;
  }): readonly Task[];
  /** The last rounds of the tasks with a name, or an id that ends so, the newest first. */
  alike(key: string): readonly Task[];
  addStep(step: TaskStep): void;
  steps(of: Pick<RoundKey, "direction" | "task_id">): readonly TaskStep[];
  /** The whole end of a round, as its machine wrote it. */
  whole(key: RoundKey): string | null;
  putWhole(key: RoundKey, text: string | null): void;
  /** The last rounds of tasks that ended before an instant. */
  old(endedMs: number, limit: number): readonly Task[];
  /** When the first task ended whose last round has ended; null when there is none. */
  oldestMs(): number | null;
  /** Removes a task with all of its rounds. */
  remove(of: Pick<RoundKey, "direction" | "task_id">): void;
  standing(key: StandingKey): string | null;
  putStanding(key: StandingKey, sha256: string): void;
  removeStanding(fingerprint: string): void;
}

interface Stored extends RoundKey {
  readonly fingerprint: string;
  readonly name: string;
  readonly state: Task["state"];
  readonly open: number;
  readonly due: number;
  readonly created_ms: number;
  readonly ended_ms: number | null;
  readonly body: string;
}

const columns = "direction task_id round fingerprint name state open due created_ms ended_ms body";

const taskOf = ({ open: _open, due: _due, body, ...row }: Stored): Task => ({
  ...parsed<TaskBody>(body),
  ...row,
});

const open: readonly string[] = openStates;
const isOpen = ({ state }: Pick<Task, "state">): boolean => open.includes(state);

const one = (row: Stored | null): Task | null => (row === null ? null : taskOf(row));

/** True while a round has something left to bring to its other side. */
const isDue = ({ direction, due, home, told, state }: Task): boolean =>
  direction === "in" ? due !== null : !isOpen({ state }) && (home === "due" || !told);

function storedOf(task: Task): Stored {
  const { direction, task_id, round, fingerprint, state, created_ms, ended_ms, ...body } = task;
  return {
    ...{ direction, task_id, round, fingerprint, name: task.name, state, created_ms, ended_ms },
    ...{ open: Number(isOpen(task)), due: Number(isDue(task)), body: JSON.stringify(body) },
  };
}

/** The tasks of a database. */
export function taskTable(database: Database): TaskTable {
  const insert = database.query(insertSql("task", columns));
  const put = database.query(
    `UPDATE task SET state = $state, open = $open, due = $due, ended_ms = $ended_ms, body = $body
     WHERE direction = $direction AND task_id = $task_id AND round = $round`,
  );
  let changes = 0;
  return {
    changes: () => changes,
    add: (task) => {
      changes += 1;
      insert.run({ ...storedOf(task) });
    },
    put: (task) => {
      changes += 1;
      const { direction, task_id, round, state, open, due, ended_ms, body } = storedOf(task);
      put.run({ direction, task_id, round, state, open, due, ended_ms, body });
    },
    ...finding(database),
    ...listing(database),
    ...keeping(database),
    remove: ((removal) => (of) => {
      changes += 1;
      removal(of);
    })(removing(database)),
  };
}

const select = `SELECT ${columns.split(" ").join(", ")} FROM task`;
const isLast = `round = (SELECT max(round) FROM task AS other
  WHERE other.direction = task.direction AND other.task_id = task.task_id)`;

function reading(database: Database) {
  return <P extends SQLQueryBindings[]>(rest: string) =>
    database.query<Stored, P>(`${select} ${rest}`);
}

function finding(database: Database): Pick<TaskTable, "get" | "latest" | "alike"> {
  const read = reading(database);
  const get = read<[string, string, number]>("WHERE direction = ? AND task_id = ? AND round = ?");
  const latest = read<[string, string]>(
    "WHERE direction = ? AND task_id = ? ORDER BY round DESC LIMIT 1",
  );
  const alike = read<[string, number, string]>(
    `WHERE (name = ? OR substr(replace(task_id, '-', ''), ?) = ?) AND ${isLast} ORDER BY seq DESC`,
  );
  return {
    get: ({ direction, task_id, round }) => one(get.get(direction, task_id, round)),
    latest: (direction, taskId) => one(latest.get(direction, taskId)),
    alike: (key) => {
      const bare = key.replaceAll("-", "").toLowerCase();
      return alike.all(key, -bare.length, bare.length < 4 ? "?" : bare).map(taskOf);
    },
  };
}

function listing(
  database: Database,
): Pick<TaskTable, "open" | "due" | "since" | "list" | "old" | "oldestMs"> {
  const read = reading(database);
  const open = read<[string]>("WHERE direction = ? AND open = 1 ORDER BY seq");
  const due = read<[string]>("WHERE direction = ? AND due = 1 ORDER BY seq");
  const since = read<[string, number]>("WHERE direction = ? AND created_ms > ? ORDER BY seq");
  const list = read<[string, number, number]>(
    `WHERE direction IN (SELECT value FROM json_each(?)) AND (? = 1 OR open = 1) AND ${isLast}
     ORDER BY seq DESC LIMIT ?`,
  );
  // A task is as old as its last round: one that goes on holds up the removal of no other.
  const old = read<[number, number]>(`WHERE ended_ms <= ? AND ${isLast} ORDER BY seq LIMIT ?`);
  const oldest = database.query<{ oldest: number }, []>(
    `SELECT ended_ms AS oldest FROM task WHERE ended_ms IS NOT NULL AND ${isLast}
     ORDER BY ended_ms LIMIT 1`,
  );
  return {
    open: (direction) => open.all(direction).map(taskOf),
    due: (direction) => due.all(direction).map(taskOf),
    since: (direction, createdMs) => since.all(direction, createdMs).map(taskOf),
    old: (endedMs, limit) => old.all(endedMs, limit).map(taskOf),
    list: ({ directions, all, limit }) =>
      list.all(JSON.stringify(directions), Number(all), limit).map(taskOf),
    oldestMs: () => oldest.get()?.oldest ?? null,
  };
}

function keeping(
  database: Database,
): Pick<
  TaskTable,
  "addStep" | "steps" | "whole" | "putWhole" | "standing" | "putStanding" | "removeStanding"
> {
  const step = database.query(insertSql("task_step", "direction task_id round state reason at_ms"));
  const steps = database.query<TaskStep, [string, string, number]>(
    `SELECT direction, task_id, round, state, reason, at_ms FROM (SELECT * FROM task_step
      WHERE direction = ? AND task_id = ? ORDER BY seq DESC LIMIT ?) ORDER BY seq`,
  );
  const whole = database.query<{ whole: string | null }, [string, string, number]>(
    "SELECT whole FROM task WHERE direction = ? AND task_id = ? AND round = ?",
  );
  const putWhole = database.query(
    "UPDATE task SET whole = ? WHERE direction = ? AND task_id = ? AND round = ?",
  );
  const standing = database.query<{ sha256: string }, [string, string, string]>(
    "SELECT sha256 FROM task_approval WHERE fingerprint = ? AND rules = ? AND profile = ?",
  );
  const putStanding = database.query(
    replaceSql("task_approval", "fingerprint rules profile sha256"),
  );
  const removeStanding = database.query("DELETE FROM task_approval WHERE fingerprint = ?");
  return {
    addStep: ({ direction, task_id, round, state, reason, at_ms }) => {
      step.run({ direction, task_id, round, state, reason, at_ms });
    },
    steps: ({ direction, task_id }) => steps.all(direction, task_id, statesMax),
    whole: ({ direction, task_id, round }) => whole.get(direction, task_id, round)?.whole ?? null,
    putWhole: ({ direction, task_id, round }, text) => {
      putWhole.run(text, direction, task_id, round);
    },
    standing: ({ fingerprint, rules, profile }) =>
      standing.get(fingerprint, rules, profile)?.sha256 ?? null,
    putStanding: (key, sha256) => {
      putStanding.run({ ...key, sha256 });
    },
    removeStanding: (fingerprint) => {
      removeStanding.run(fingerprint);
    },
  };
}

function removing(database: Database): TaskTable["remove"] {
  const rows = database.query("DELETE FROM task WHERE direction = ? AND task_id = ?");
  const steps = database.query("DELETE FROM task_step WHERE direction = ? AND task_id = ?");
  return ({ direction, task_id }) => {
    rows.run(direction, task_id);
    steps.run(direction, task_id);
  };
}
