/**
 * Decides whether a person or a coding agent ran a command, by the processes above it. This is an
 * obstacle for a misled agent, not a boundary: a program of the user may leave its ancestors.
 */

import { basename } from "node:path";
import { PeernetError } from "../contract/errors.ts";
import type { Caller } from "./caller.ts";
import { type Ancestor, ancestorsOf, argumentsOf } from "./process.ts";

/** An ancestor, and its arguments. */
export interface Above extends Pick<Ancestor, "name" | "executable"> {
  readonly arguments: readonly string[];
}

/** Programs that let a model run commands, by the names of their processes and scripts. */
const agents: Readonly<Record<string, string>> = {
  claude: "Claude Code",
  codex: "Codex",
  gemini: "Gemini CLI",
  qwen: "Qwen Code",
  copilot: "Copilot CLI",
  opencode: "opencode",
  "cursor-agent": "Cursor",
  aider: "aider",
  goose: "goose",
};

/** Folders in which packages of those agents are installed. */
const installed: readonly (readonly [RegExp, string])[] = [
  [/\/claude-code\/|\/claude\/versions\//, "Claude Code"],
  [/\/@openai\/codex\//, "Codex"],
  [/\/@google\/gemini-cli\//, "Gemini CLI"],
  [/\/@qwen-code\//, "Qwen Code"],
  [/\/@github\/copilot\//, "Copilot CLI"],
];

/** Programs that run a script: the script's name counts as the program's. */
const interpreters = /^(node|nodejs|bun|deno|python[0-9.]*)$/;

/** The nearest coding agent among the ancestors of a process; null when there is none. Pure. */
export function agentAmong(ancestors: readonly Above[]): string | null {
  for (const above of ancestors) {
    const found = agentIn(above);
    if (found !== null) return found;
  }
  return null;
}

function agentIn({ name, executable, arguments: given }: Above): string | null {
  const [called = "", ...rest] = given;
  const runs = [name, basename(called)].some((each) => interpreters.test(each));
  const script = runs ? (rest.find((word) => !word.startsWith("-")) ?? "") : "";
  const paths = [name, called, executable ?? "", script];
  const byName = paths.map((path) => basename(path).replace(/\.(exe|js|mjs|cjs|py)$/, ""));
  const known = byName.find((each) => Object.hasOwn(agents, each));
  if (known !== undefined) return agents[known] ?? null;
  return installed.find(([folder]) => paths.some((path) => folder.test(path)))?.[1] ?? null;
}

/** The coding agent above a command; null when there is none, or when processes are hidden. */
export function agentAbove({ environment, pid }: Caller): string | null {
  const ancestors = ancestorsOf(pid);
  // In a sandbox that hides the ancestors, an agent still marks the environment of its children.
  if (ancestors.length === 0) return environment.CLAUDECODE === "1" ? "Claude Code" : null;
  return agentAmong(ancestors.map((each) => ({ ...each, arguments: argumentsOf(each.pid) })));
}

/** The command of each row that only a person may carry out. */
const commandOf: Readonly<Record<string, string>> = {
  "pair/open": "peernet pair --open",
  pair: "peernet pair",
  unpair: "peernet unpair NAME",
  trust: "peernet trust FINGERPRINT",
  untrust: "peernet untrust FINGERPRINT",
  "peers/rename": "peernet peers rename NAME NEW",
  "peers/grant": "peernet peers grant NAME ENTRY",
  "peers/revoke": "peernet peers revoke NAME SCOPE",
  "peers/pause": "peernet peers pause NAME",
  "peers/resume": "peernet peers resume NAME",
  "inbox/approve": "peernet inbox approve ID",
  "inbox/refuse": "peernet inbox refuse ID",
  "policy/check": "peernet policy check",
  "policy/write": "peernet policy edit",
  "tasks/approve": "peernet task approve ID",
  "tasks/refuse": "peernet task refuse ID",
};

/**
 * True when a person attends an act, at a terminal or at the page.
 * @throws {not_a_person}
 */
export function attends(caller: Caller, path: string, isAtTerminal: () => boolean): boolean {
  requirePerson(caller, commandOf[path] ?? "peernet");
  return isAtTerminal();
}

/** Refuses a person's act to a coding agent. @throws {not_a_person} */
export function requirePerson(caller: Caller, typed: string): void {
  const agent = agentAbove(caller);
  if (agent === null) return;
  throw new PeernetError("not_a_person", {
    message: `${agent} runs this command, and only a person may do that`,
    hint: `in a terminal of your own type: ${typed}`,
  });
}
