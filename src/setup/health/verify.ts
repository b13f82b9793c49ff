/**
 * Runs this program as the agents run it: the MCP server up to its list of tools, and a hook with
 * an event of no real session. Judges only whether they work.
 */

import { verifyMs } from "../../contract/limits.ts";
import { endGroup, startGroup } from "../../platform/process/run.ts";
import { type RunningParts, setIn } from "../apply/running.ts";

/** The outcome of running a registered command. */
export interface Tried {
  readonly works: boolean;
  /** The answer, or the failure, in words for a person. */
  readonly detail: string;
}

/** Starts the MCP server, asks for its tools, and ends it. Never throws. */
export async function tryMcp(
  parts: RunningParts,
  command: readonly string[],
  home: string | null,
): Promise<Tried> {
  const ran = await converse(parts, {
    command: [...command, "mcp"],
    // The time that the least patient agent gives a server.
    environment: { ...basicOf(parts), ...homeOf(home) },
    lines: [
      {
        ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
        params: {
          protocolVersion: "2025-06-18",
          capabilities: {},
          clientInfo: { name: "peernet-doctor", version: "1" },
        },
      },
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 2, method: "tools/list" },
    ].map((message) => `${JSON.stringify(message)}\n`),
    isEnough: (text) => repliesIn(text).some(({ id }) => id === 2),
  });
  if (ran === null) return { works: false, detail: "cannot be started" };
  const listed = repliesIn(ran.output).find(({ id }) => id === 2);
  const { tools } = Object(listed?.result);
  if (!Array.isArray(tools)) return { works: false, detail: "does not list its tools" };
  return { works: true, detail: `lists ${tools.length} tools` };
}

const homeOf = (home: string | null): Readonly<Record<string, string>> =>
  home === null ? {} : { PEERNET_HOME: home };

/** Runs a hook with the end of a session that never existed. Never throws. */
export async function tryHook(
  parts: RunningParts,
  command: readonly string[],
  home: string | null,
): Promise<Tried> {
  const event = { hook_event_name: "SessionEnd", session_id: "peernet-doctor", reason: "other" };
  const ran = await converse(parts, {
    command,
    environment: { ...setIn(parts.environment), ...homeOf(home) },
    lines: [JSON.stringify({ ...event, cwd: "/", transcript_path: "" })],
    isEnough: null,
  });
  if (ran === null) return { works: false, detail: "cannot be started" };
  if (ran.exit !== 0) return { works: false, detail: `ends with exit code ${ran.exit}` };
  // An agent passes a hook's output on to its model.
  if (ran.output !== "") return { works: false, detail: "prints where it must be silent" };
  return { works: true, detail: "runs" };
}

interface Conversation {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
  /** True when the output holds everything expected; null to read until the program ends. */
  readonly isEnough: ((text: string) => boolean) | null;
}

/**
 * Sends lines to a program and reads its output, within a time limit; returns null when the program
 * cannot be started.
 */
async function converse(parts: RunningParts, talk: Conversation) {
  const child = startGroup(talk.command, talk.environment, "pipe");
  if (child === null) return null;
  const cancel = parts.timers.after(verifyMs, () => endGroup(child.pid));
  try {
    for (const line of talk.lines) child.stdin.write(line);
    await child.stdin.flush();
    if (talk.isEnough === null) await child.stdin.end();
    const output = await heard(child.stdout, talk.isEnough);
    await child.stdin.end();
    return { output, exit: await child.exited };
  } catch {
    // The program ended while lines were being sent.
    return { output: "", exit: await child.exited };
  } finally {
    cancel();
    endGroup(child.pid);
  }
}

async function heard(
  stream: ReadableStream<Uint8Array>,
  isEnough: Conversation["isEnough"],
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (isEnough?.(text) === true || text.length > repliesCharactersMax) break;
  }
  return text;
}

/** A list of tools is under 64 KiB. */
const repliesCharactersMax = 1_048_576;

function repliesIn(text: string): readonly { readonly id?: unknown; readonly result?: unknown }[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [Object(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

function basicOf({ environment }: RunningParts): Readonly<Record<string, string>> {
  const { HOME, LANG, PATH, TERM } = environment;
  return setIn({ HOME, LANG, PATH, TERM });
}
