/**
 * Finds the MCP client's process from its server: the server's parent, or the first ancestor above
 * shells and launchers. Refuses to guess when it cannot see processes.
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Harness, Process } from "../contract/lease.ts";
import { type Ancestor, ancestorsOf, sessionProcess } from "./process.ts";

/** The server's facts about itself and its client. */
export interface ServerProcess {
  /** The server's own number. */
  readonly pid: number;
  readonly harness: Harness;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The process of a server's client; null when none is visible. */
export function clientProcess({ pid, harness, environment }: ServerProcess): Process | null {
  const ancestors = ancestorsOf(pid);
  const known = sessionProcess(ancestors, environment);
  if (known !== null && known.harness === harness) return known.process;
  const found = ancestors.find((each) => !standsBetween(each)) ?? ancestors[0];
  return found === undefined ? null : { pid: found.pid, start_time: found.start_time };
}

const shells: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "dash",
  "zsh",
  "ash",
  "fish",
  "busybox",
]);
const runtimes: ReadonlySet<string> = new Set(["node", "bun", "deno"]);

/** True when a process only starts the next one: a shell, npx, or our own launcher. */
function standsBetween({ pid, name, executable, sessionLeader, terminal }: Ancestor): boolean {
  if (shells.has(name)) return !(sessionLeader && terminal);
  if (/^(npm|npx|bunx|env)\b/.test(name)) return true;
  return runtimes.has(basename(executable ?? name)) && wordsOf(pid).some(isLauncher);
}

const isLauncher = (word: string): boolean =>
  /^(npm|npx|bunx|peernet)(-cli)?(\.[cm]?js)?$/.test(basename(word));

/** The arguments of a process; empty when the system does not show them. */
function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, 3);
  } catch {
    return [];
  }
}
