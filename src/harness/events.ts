/**
 * The events of each coding agent that peernet hooks, and the command line that the hooks run.
 * Setup, the plugin and doctor use this one table. Reads no payload and no file.
 */

/** An agent whose sessions take a handle by hooks. */
export type HookedAgent = "claude-code" | "codex";

/** One event. */
export interface HookEvent {
  readonly name: string;
  /** The time limit of its hook; null when the agent's own limit will do. */
  readonly timeoutSeconds: number | null;
  /** The tools of an event about tools, as the agent matches them; null for all. */
  readonly tools: string | null;
}

const plain = (...names: readonly string[]): readonly HookEvent[] =>
  names.map((name) => ({ name, timeoutSeconds: null, tools: null }));

/** Codex ends these after 3 s, and warns at every start about a hook with a longer limit. */
const short = (name: string): HookEvent => ({ name, timeoutSeconds: 3, tools: null });

const edits = (tools: string): HookEvent => ({ name: editEvent, timeoutSeconds: null, tools });

/** The event before an edit, which no hook of an earlier version has. */
export const editEvent = "PreToolUse";

/** The events, in the order in which setup writes them. */
export const hookEvents: Readonly<Record<HookedAgent, readonly HookEvent[]>> = {
  "claude-code": [
    ...plain("SessionStart", "UserPromptSubmit"),
    edits("Edit|MultiEdit|Write|NotebookEdit"),
    ...plain("PostToolUse", "PermissionRequest", "Notification", "Stop"),
    ...plain("StopFailure", "SessionEnd"),
  ],
  codex: [
    ...plain("SessionStart", "UserPromptSubmit"),
    edits("apply_patch"),
    ...plain("PermissionRequest", "PostToolUse", "Stop"),
    short("Interrupt"),
    short("SessionEnd"),
  ],
};

/**
 * Events of an agent at which a second hook begins to wait, in the background, to wake the session
 * later. The end of a turn is none: an interrupted turn ends without an event.
 */
export const wakerEvents: Readonly<Record<HookedAgent, readonly string[]>> = {
  "claude-code": ["SessionStart", "UserPromptSubmit"],
  // Its sessions are woken by its own command.
  codex: [],
};

/** The command line of a waker, by that of the agent's other hooks. */
export const wakerCommand = (command: string): string => `${command} --waker`;

/** The command of this peernet, as an agent's settings hold it. */
export interface Registered {
  /** The executable, and the arguments before the mode. */
  readonly command: readonly string[];
  /** The state folder when it is not the default, else null. */
  readonly home: string | null;
}

/**
 * The command line of an agent's hooks, for a shell. Codex trusts a hook by its text, so the line
 * holds nothing that differs between releases.
 */
export function hookCommand(agent: HookedAgent, { command, home }: Registered): string {
  const words = [...command, "hook", agent].map(quoted);
  return [...(home === null ? [] : [`PEERNET_HOME=${quoted(home)}`]), ...words].join(" ");
}

/** Quotes a word for a POSIX shell. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** True when a hook runs a peernet, this one or another. */
export const isPeernetHook = (line: string, agent: HookedAgent): boolean =>
  new RegExp(`peernet['"]? hook ${agent}( --waker)?\\s*$`).test(line);

/** True for the command line of a waker. */
export const isWaker = (line: string): boolean => / --waker\s*$/.test(line);

/**
 * True when a hook runs a peernet and nothing else: one path that ends in that name, after at most
 * a variable for its state folder.
 */
export const isOnlyPeernet = (line: string, agent: HookedAgent): boolean =>
  new RegExp(
    `^(PEERNET_HOME=(${word}|'${quotedPart}') )?(${word}|'${quotedPart}peernet') hook ${agent}$`,
  ).test(line) && isPeernetHook(line, agent);

/** The program and the state folder of a line that `isOnlyPeernet` accepts. */
export function programOf(line: string) {
  const [, home, program = ""] =
    /^(?:PEERNET_HOME=('(?:[^']|'\\'')*'|\S+) )?(.*) hook [\w-]+$/.exec(line) ?? [];
  return { home: home === undefined ? null : unquoted(home), program: [unquoted(program)] };
}

const unquoted = (word: string): string =>
  word.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word;

const word = "[\\w@%+=:,./-]+";
const quotedPart = "(?:[^']|'\\\\'')*";
