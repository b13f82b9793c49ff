/**
 * Weighs a task: finds the real place and the program that would run, and every gate in its way.
 * Starts nothing of the task.
 */

import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type Gate,
  TaskOrder,
  type WeighEnd,
  type WeighErrand,
} from "../../contract/tasks/errands.ts";
import { diskFloorBytes } from "../../contract/tasks/limits.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { AskedRefs, Commits } from "../../session/commits.ts";
import type { Buildable } from "../sandbox/prove.ts";
import { fromHome } from "./command.ts";
import { weighingPrefix } from "./discard.ts";
import { partNames, readFile, roundFolder, roundNames } from "./folder.ts";
import { baseGates } from "./git/base.ts";
import type { Clones } from "./git/clones.ts";
import { walledGit } from "./git/walled.ts";
import type { Programs } from "./program.ts";
import { freeBytes } from "./run/measure.ts";

/** Dependencies of weighing. */
export interface WeighParts {
  /** The state folder. */
  readonly state: string;
  /** The user's home. */
  readonly home: string;
  readonly programs: Programs;
  readonly buildable: () => Promise<Buildable>;
  readonly clones: Clones;
  readonly commitsOf: (path: string, refs: AskedRefs) => Promise<Commits | string>;
}

type End = ReturnType<typeof WeighEnd.parse>;

/** Weighs a task. */
export async function weighTask(
  parts: WeighParts,
  errand: WeighErrand,
  signal: AbortSignal,
): Promise<End> {
  const [path, walls, weighed] = await Promise.all([
    pathOf(parts, errand),
    parts.buildable(),
    parts.programs.weigh({ ...errand, base: errand.base ?? firstBase(parts, errand) }),
  ]);
  const found = typeof path === "string" ? path : null;
  const based = found === null ? [] : await basedOn(parts, errand, { path: found, walls, signal });
  const gates = [
    ...(path === null || typeof path === "string" ? [] : [path]),
    ...wallGates(walls),
    ...based,
    ...weighed.gates,
    ...diskGates(parts.state),
  ];
  return { path: found, program: weighed.program, gates: gates.slice(0, 16) };
}

const gate = (name: Gate["gate"], why: string, detail: string): Gate => ({
  ...{ gate: name, why, detail: detail.slice(0, 1_024) },
});

/** The real path of a place, or the gate in its way. */
async function pathOf(
  { state, home, clones }: WeighParts,
  { place }: WeighErrand,
): Promise<string | Gate> {
  const { name } = place;
  if (place.path === null) {
    const clone = place.kind === "repository" ? place.clone : null;
    const path = clone === null ? null : await clones.pathOf({ name, clone });
    if (path !== null) return path;
    const detail = `${name} is not cloned yet: try again in a minute, or git clone it by hand`;
    return gate("repository", "no_clone", detail);
  }
  const real = await realpath(fromHome(place.path, home)).catch(() => null);
  const seen = real === null ? null : await stat(real).catch(() => null);
  if (real === null || seen?.isDirectory() !== true) {
    return gate("repository", "gone", `${place.path} is no folder; mend ${name} in policy.toml`);
  }
  const [own, user] = await Promise.all(
    [state, home].map((each) => realpath(each).catch(() => each)),
  );
  if ([own, user].some((each) => each !== undefined && isWithin(each, real))) {
    const detail = `${real} holds the home or the keys of this user; mend ${name} in policy.toml`;
    return gate("repository", "too_wide", detail);
  }
  return real;
}

/** The base of a later round, in whose tree it goes on: that of the first one. */
function firstBase({ state }: WeighParts, { task_id, round }: WeighErrand): string | null {
  if (round === 1) return null;
  const text = readFile(roundFolder(state, { task_id, round: 1 }), roundNames.order);
  const order = text === null ? null : TaskOrder.safeParse(JSON.parse(text));
  return order?.success === true ? order.data.decision.base : null;
}

interface Looked {
  readonly path: string;
  readonly walls: Buildable;
  readonly signal: AbortSignal;
}

/** The gates in the way of a repository's base. */
async function basedOn(
  { state, commitsOf, clones }: WeighParts,
  { task_id, round, place, base, bases, bundled }: WeighErrand,
  { path, walls, signal }: Looked,
): Promise<readonly Gate[]> {
  if (place.kind === "folder" || "none" in walls || !("path" in walls.bwrap)) return [];
  const { path: bwrap } = walls.bwrap;
  // A later round goes on in the tree of the first one.
  if (base === null) return round > 1 ? [] : [gate("base", "none", "it names no commit")];
  const bundle = bundled ? join(roundFolder(state, { task_id, round }), partNames.bundle) : null;
  return baseGates({
    ...{ path, base, bases, bundle, commitsOf },
    scratch: join(state, stateNames.tasks, `${weighingPrefix}${task_id}-${round}`),
    refresh: place.path === null ? () => clones.refresh(path) : null,
    gitOf: (git) => walledGit({ bwrap, git, signal }),
  });
}

/** True when a path is a folder or lies below it. */
const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);

const bwrapFixes = {
  missing: "install bubblewrap, as by sudo apt install bubblewrap",
  apparmor: "peernet doctor prints the AppArmor profile that lets bubblewrap work",
  refused: "sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000",
} as const;

function wallGates(walls: Buildable): readonly Gate[] {
  if ("none" in walls) {
    const { detail, fix } = walls.none;
    const isRoot = process.geteuid?.() === 0;
    return [gate(isRoot ? "user" : "sandbox", isRoot ? "root" : "no_wall", `${detail}; ${fix}`)];
  }
  const { bwrap } = walls;
  if ("path" in bwrap) return [];
  const detail = `tasks need bubblewrap, which is ${bwrap.why} here; ${bwrapFixes[bwrap.why]}`;
  return [gate("sandbox", bwrap.why, detail)];
}

function diskGates(state: string): readonly Gate[] {
  if (freeBytes(state) >= 2 * diskFloorBytes) return [];
  return [gate("disk", "full", "under 2 GiB are free on this disk; make room")];
}
