/** Runs another program to its end, within a bound of time, as the user would run it. */

import type { Timers } from "../../platform/effects.ts";
import { type Ran, runner } from "../../platform/process/run.ts";

/** What running programs needs. */
export interface RunningParts {
  /** The user's own: a program of theirs is run as they run it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timers: Timers;
}

/** Runs a command; null when it could not be started or did not end in time. */
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

/** Where a program is; only absolute folders of PATH count, since others depend on where we are. */
export function programPath(
  { environment }: Pick<RunningParts, "environment">,
  name: string,
): string | null {
  const folders = (environment.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return folders.length === 0 ? null : Bun.which(name, { PATH: folders.join(":") });
}

/** What a program printed, as text. */
export const printed = (ran: Ran | null): string =>
  ran === null ? "" : new TextDecoder().decode(ran.output);
