/** The runners of this machine as programs of tasks, and as a person sees them. */

import type { SeenRunner } from "../../../contract/tasks/local.ts";
import type { StateFiles, Timers } from "../../../platform/effects.ts";
import type { Programs } from "../program.ts";
import { hasKey, namesIn } from "./credential.ts";
import { manifestOf, manifestsFolder, runnerNames } from "./manifests.ts";
import { prepareRun } from "./prepare.ts";
import { findProgram } from "./program.ts";
import { weighRunner } from "./weigh.ts";

/** Facts of the process that looks after runners. */
export interface RunnersParts {
  readonly files: Pick<StateFiles, "readTrusted" | "has" | "folder">;
  readonly timers: Timers;
  /** The user's home. */
  readonly home: string;
}

/** The time for a program to name its version. */
const versionMs = 8_000;

/** The runners as programs of tasks. */
export const runners = (parts: RunnersParts): Programs => ({
  weigh: ({ runner, profile, network, usd }) =>
    timely(parts, (signal) =>
      weighRunner({ ...parts, signal }, { runner: runner ?? "", profile, network, usd }),
    ),
  prepare: (order) => prepareRun(parts, order),
});

/** The names of all runners. */
export const namesOfRunners = (files: Pick<StateFiles, "folder">): readonly string[] =>
  runnerNames(namesIn(files, manifestsFolder));

/** Every runner with its program, its version, its credential and its fault. */
export function listRunners(parts: RunnersParts): Promise<readonly SeenRunner[]> {
  const names = namesOfRunners(parts.files);
  return timely(parts, (signal) => Promise.all(names.map((name) => listed(parts, name, signal))));
}

async function listed(parts: RunnersParts, name: string, signal: AbortSignal): Promise<SeenRunner> {
  const credential = hasKey(parts.files, name);
  const found = manifestOf(parts.files, name);
  const none = { name, path: null, version: null, credential, profiles: [] };
  if (!found.ok) return { ...none, refused: found.detail.slice(0, 512) };
  const profiles = Object.keys(found.manifest.profiles);
  const program = await findProgram(found.manifest, parts.home, signal);
  if ("why" in program) return { ...none, profiles, refused: program.detail.slice(0, 512) };
  const { path, version } = program;
  const refused = credential ? null : "it has no API key";
  return { name, path, version, credential, refused, profiles };
}

async function timely<T>(
  { timers }: RunnersParts,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const cancel = timers.after(versionMs, () => ending.abort());
  try {
    return await run(ending.signal);
  } finally {
    cancel();
  }
}
