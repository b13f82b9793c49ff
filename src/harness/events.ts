/**
 * Which events of a coding agent its hooks tell peernet of, and the command line that they run.
 * Setup, the plugin and doctor go by this one table. Reads no payload and no file.
 */

/** An agent whose sessions take a handle by hooks. */
export type HookedAgent = "claude-code" | "codex";

/** One event, and how long its hook may take; null where the agent's own bound will do. */
export interface HookEvent {
  readonly name: string;
  readonly timeoutSeconds: number | null;
}

const plain = (...names: readonly string[]): readonly HookEvent[] =>
  names.map((name) => ({ name, timeoutSeconds: null }));

/** Codex ends these after 3 s, and warns at every start of a hook that would take longer. */
const short = (name: string): HookEvent => ({ name, timeoutSeconds: 3 });

/** The events, in the order in which they are written. */
export const hookEvents: Readonly<Record<HookedAgent, readonly HookEvent[]>> = {
  "claude-code": plain(
    "SessionStart",
    "UserPromptSubmit",
    "PostToolUse",
    "PermissionRequest",
    "Notification",
    "Stop",
    "StopFailure",
    "SessionEnd",
  ),
  codex: [
    ...plain("SessionStart", "UserPromptSubmit", "PermissionRequest", "PostToolUse", "Stop"),
    short("Interrupt"),
    short("SessionEnd"),
  ],
};

/** The command of this peernet, as it is registered in an agent. */
export interface Registered {
  /** The executable, and the words that precede a mode. */
  readonly command: readonly string[];
  /** The state folder where it is not the usual one, else null. */
  readonly home: string | null;
}

/**
 * The command line of an agent's hooks, for a shell. Codex trusts a hook by the text of it, so it
 * names nothing that changes from one release to the next.
 */
export function hookCommand(agent: HookedAgent, { command, home }: Registered): string {
  const words = [...command, "hook", agent].map(quoted);
  return [...(home === null ? [] : [`PEERNET_HOME=${quoted(home)}`]), ...words].join(" ");
}

/** A word as a POSIX shell reads it back. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** True where a hook runs a peernet, this one or another. */
export const isPeernetHook = (line: string, agent: HookedAgent): boolean =>
  new RegExp(`peernet['"]? hook ${agent}\\s*$`).test(line);

/**
 * True where a hook runs a peernet and nothing else: one word that ends in that name, after at
 * most a variable for its home.
 */
export const isOnlyPeernet = (line: string, agent: HookedAgent): boolean =>
  new RegExp(
    `^(PEERNET_HOME=(${word}|'${quotedPart}') )?(${word}|'${quotedPart}peernet') hook ${agent}$`,
  ).test(line) && isPeernetHook(line, agent);

/** The program and the state folder of a line that `isOnlyPeernet` judged. */
export function programOf(line: string) {
  const [, home, program = ""] =
    /^(?:PEERNET_HOME=('(?:[^']|'\\'')*'|\S+) )?(.*) hook [\w-]+$/.exec(line) ?? [];
  return { home: home === undefined ? null : unquoted(home), program: [unquoted(program)] };
}

const unquoted = (word: string): string =>
  word.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word;

const word = "[\\w@%+=:,./-]+";
const quotedPart = "(?:[^']|'\\\\'')*";
