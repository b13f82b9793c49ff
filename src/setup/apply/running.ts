/** Runs another program to its end, within a time limit, as the user would run it. */

import type { Timers } from "../../platform/effects.ts";
import { type Ran, runner } from "../../platform/process/run.ts";

/** Dependencies of running a program. */
export interface RunningParts {
  /** The user's own environment: their programs run as they run them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timers: Timers;
}

/** Runs a command; returns null when it could not start or did not end in time. */
export async function runWithin(
  { environment, timers }: RunningParts,
  command: readonly string[],
  deadlineMs: number,
): Promise<Ran | null> {
  const deadline = new AbortController();
  const cancel = timers.after(deadlineMs, () => deadline.abort());
  try {
    return await runner(setIn(environment), deadline.signal)(command);
  } finally {
    cancel();
  }
}

/** The variables that have a value. */
export const setIn = (environment: RunningParts["environment"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(environment).filter(
      (pair): pair is [string, string] => typeof pair[1] === "string",
    ),
  );

/**
 * The path of a program. Only absolute folders of PATH count: relative ones depend on the current
 * folder.
 */
export function programPath(
  { environment }: Pick<RunningParts, "environment">,
  name: string,
): string | null {
  const folders = (environment.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return folders.length === 0 ? null : Bun.which(name, { PATH: folders.join(":") });
}

/** The program's output, as text. */
export const printed = (ran: Ran | null): string =>
  ran === null ? "" : new TextDecoder().decode(ran.output);
