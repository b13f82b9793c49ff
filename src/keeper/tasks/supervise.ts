/**
 * Supervises one round of a task, from its order to its result. This process owns the truth of the
 * round: it holds the round's lock, notes durably that it starts before it starts anything, and
 * writes one result. Its own end, in any way, ends all that it started.
 */

import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type RoundState, TaskOrder } from "../../contract/tasks/errands.ts";
import { idleMs, taskGitMs } from "../../contract/tasks/limits.ts";
import type { Log, Timers } from "../../platform/effects.ts";
import { type FileLock, lockFile } from "../../platform/process/flock.ts";
import type { Commits } from "../../session/commits.ts";
import type { Buildable } from "../sandbox/prove.ts";
import { hasFile, readFile, replaceFile, roundNames, socketIn, writeOnce } from "./folder.ts";
import { credentialHeld } from "./git/collect.ts";
import { holdsSoFar } from "./holding.ts";
import { type Place, placeOf, type Round } from "./place.ts";
import type { Prepared, Programs } from "./program.ts";
import { type RoundEnd, writeResult } from "./result.ts";
import { insidePaths } from "./run/room.ts";
import { type RunEnd, type RunParts, runIn } from "./run/run.ts";

/** Dependencies of a supervisor. */
export interface SuperviseParts extends Omit<RunParts, "bwrap"> {
  readonly programs: Programs;
  readonly buildable: () => Promise<Buildable>;
  readonly commitsOf: (path: string) => Promise<Commits | string>;
  readonly log: Log;
}

/** Supervises the round in a folder; does nothing when it has a supervisor, or was begun before. */
export async function supervise(folder: string, parts: SuperviseParts): Promise<void> {
  const lock = await lockSoon(join(folder, roundNames.lock), parts.timers);
  if (lock === null) return;
  try {
    const isOver = [roundNames.started, roundNames.result].some((name) => hasFile(folder, name));
    const order = TaskOrder.parse(JSON.parse(readFile(folder, roundNames.order) ?? "null"));
    if (isOver) return;
    const { clock, timers } = parts;
    const round: Round = { folder, order, clock, timers };
    const end = isStopped(folder) ? stopped : await begun(round, parts);
    writeResult(folder, order, end);
  } finally {
    lock.release();
  }
}

const stopped: RoundEnd = { state: "cancelled", reason: "stopped" };
const failed = (reason: string): RoundEnd => ({ state: "failed", reason });
const isStopped = (folder: string): boolean => hasFile(folder, roundNames.stop);

const lockLooks = 20;
const lookMs = 50;

/** The lock of a round; null when it stays held. A look at the lock holds it for an instant. */
async function lockSoon(path: string, timers: Timers): Promise<FileLock | null> {
  for (let look = 0; look < lockLooks; look += 1) {
    const lock = lockFile(path);
    if (lock !== null) return lock;
    await new Promise<void>((resolve) => timers.after(lookMs, resolve));
  }
  return null;
}

/** Begins the round, durably, before anything of it starts. */
async function begun(round: Round, parts: SuperviseParts): Promise<RoundEnd> {
  const { folder } = round;
  const started = { version: 1, pid: process.pid, build: parts.build };
  if (!writeOnce(folder, roundNames.started, JSON.stringify(started))) return failed("lost");
  tell(round, "preparing");
  try {
    return await carriedOut(round, parts);
  } catch (error) {
    parts.log.error("task_failed", { task: round.order.task_id, reason: String(error) });
    return failed(isStopped(folder) ? "stopped" : "internal");
  }
}

async function carriedOut(round: Round, parts: SuperviseParts): Promise<RoundEnd> {
  const { folder, order } = round;
  const found = await parts.buildable();
  if ("none" in found || !("path" in found.bwrap)) return failed("sandbox");
  const { path: bwrap } = found.bwrap;
  const { state, commitsOf } = parts;
  const place = await within(round, taskGitMs, (signal) =>
    placeOf(round, { bwrap, state, commitsOf, signal }),
  );
  if (typeof place === "string") return isStopped(folder) ? stopped : failed(place);
  const room = { home: place.home, round: folder };
  const prepared = await parts.programs.prepare(order, room);
  if (typeof prepared === "string") return failed(prepared);
  if (isStopped(folder)) return stopped;
  for (const name of [roundNames.planted, `${roundNames.planted}.second`]) {
    writeFileSync(join(folder, name), "planted", { mode: 0o600 });
  }
  const socket = socketIn(folder);
  const serving = prepared.network?.serve(socket) ?? null;
  try {
    const ran = await ranIn(round, { ...parts, bwrap }, { place, prepared, serving, socket });
    if ("unsafe" in ran) return failed(`sandbox_unsafe: ${ran.unsafe}`.slice(0, 256));
    return await collected(round, { ran, place, prepared, serving, socket });
  } finally {
    serving?.close();
    if (dirname(socket) !== folder) rmSync(dirname(socket), { recursive: true, force: true });
  }
}

/** Carries a step out until its time is up, or the daemon asks to stop. */
async function within<T>(
  { folder, timers }: Round,
  ms: number,
  step: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const cancel = [
    timers.after(ms, () => over.abort()),
    timers.every(lookMs, () => {
      if (isStopped(folder)) over.abort();
    }),
  ];
  try {
    return await step(over.signal);
  } finally {
    for (const each of cancel) each();
  }
}

type Serving = ReturnType<NonNullable<Prepared["network"]>["serve"]> | null;

interface Ready {
  readonly place: Place;
  readonly prepared: Prepared;
  readonly serving: Serving;
  /** The path of the socket to the network. */
  readonly socket: string;
}

function ranIn(round: Round, parts: RunParts, { place, prepared, serving, socket }: Ready) {
  const { folder, order, clock } = round;
  const { argv, environment, stdin, network, events } = prepared;
  let isTold = false;
  const telling = (): void => {
    if (isTold || !events.isFirst()) return;
    isTold = true;
    tell(round, "running", clock.bootMs());
  };
  const model = { from: socket, at: insidePaths.model, isWritable: true };
  return runIn(parts, {
    ...{ folder, argv, environment, stdin, chdir: insidePaths.tree },
    binds: [...prepared.binds, ...place.binds, ...(network === null ? [] : [model])],
    readOnly: place.readOnly,
    modelPort: network?.port ?? null,
    ...{ wallMs: order.decision.wall_ms, idleMs, measured: place.measured },
    isStopped: () => isStopped(folder),
    isOverBudget: serving?.isOverBudget ?? Promise.withResolvers<void>().promise,
    holdsCredential: holdsSoFar(prepared.holdsCredential),
    onLine: (line) => {
      events.feed(line);
      telling();
    },
    onProven: () => {
      tell(round, "running");
      telling();
    },
  });
}

interface Ran extends Ready {
  readonly ran: RunEnd;
}

async function collected(round: Round, { ran, place, prepared, serving }: Ran): Promise<RoundEnd> {
  const claims = prepared.events.claims();
  const used = serving?.used() ?? { usd: null, requests: 0, reached: [], refused: [] };
  const { cause, ...measured } = ran;
  const ended = stateOf(ran, claims.is_error);
  const common = {
    ...{ ...measured, sandbox: { wall: "bwrap", canaries: "passed" } as const },
    ...{ usd: used.usd, requests: used.requests },
    network: { reached: [...used.reached], refused: [...used.refused] },
  };
  const { holdsCredential: holds } = prepared;
  const told = new TextEncoder().encode(JSON.stringify([claims, common.network]));
  if (cause === "credential" || holds?.(told) === true) {
    const network = { reached: common.network.reached, refused: [] };
    return { ...failed(credentialHeld), measured: { ...common, network } };
  }
  // A full disk is left as it is: a commit would take more of it.
  if (cause === "stop" || cause === "disk") return { ...ended, measured: common, claims };
  tell(round, "collecting");
  const changes = await within(round, taskGitMs, (signal) => place.collect(signal, holds));
  const instead = isStopped(round.folder) ? stopped : null;
  if (typeof changes === "string") {
    return { ...(instead ?? failed(changes)), measured: common, claims };
  }
  return { ...ended, measured: { ...common, ...changes }, claims };
}

/** The state in which a run ended. */
function stateOf({ cause, exit }: RunEnd, isError: boolean | null): RoundEnd {
  if (cause === "stop") return stopped;
  if (cause === "wall" || cause === "idle") return { state: "timed_out", reason: cause };
  if (cause === "budget") return { state: "over_budget", reason: null };
  if (cause !== null) return failed(cause);
  if (exit !== 0) return failed("exit");
  return isError === true ? failed("runner_error") : { state: "completed", reason: null };
}

/** Tells the state of a round to those who look at its folder. */
function tell(
  { folder }: Round,
  state: RoundState["state"],
  firstEventBootMs: number | null = null,
): void {
  const told: RoundState = { version: 1, state, first_event_boot_ms: firstEventBootMs };
  replaceFile(folder, roundNames.state, JSON.stringify(told));
}
