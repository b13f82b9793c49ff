/**
 * A change that setup makes to one file: the edit of its text, and how to undo the edit, even after
 * the file changed. Opens no file.
 */

import { PeernetError } from "../../contract/errors.ts";
import { listed } from "../../contract/text/words.ts";
import type { Agent } from "../../harness/agents.ts";
import { type AllowableTool, withAllowed, withoutAllowed } from "../../harness/allowed.ts";
import { mcpEntry, runsSame, withMcpEntry } from "../../harness/entries.ts";
import {
  type HookedAgent,
  hookCommand,
  isWaker,
  type Registered,
  wakerCommand,
} from "../../harness/events.ts";
import {
  hooksOf,
  lacksWakers,
  peernetHooks,
  withHooks,
  withoutHooks,
  withoutWakers,
} from "../../harness/written-events.ts";

/** The kind of file, which decides how the change is undone. */
export type ChangeKind = "config" | "mcp" | "hooks" | "permissions" | "service" | "keeper";

/** A change to one file. */
export interface Change {
  readonly kind: ChangeKind;
  /** The agent that reads the file; null for peernet's own files. */
  readonly agent: Agent | null;
  readonly path: string;
  /** A description of the entry, for a person. */
  readonly what: string;
  /** Returns the text that the file should have; the same text when it needs no change. */
  readonly edit: (text: string | null) => string;
  /** Describes the existing entry that the change replaces; null when it replaces none. */
  readonly replaces: (text: string | null) => string | null;
  /**
   * The client's own command that makes the change, or null. Not used to replace an entry: that
   * command would drop the settings that the user added to the entry.
   */
  readonly command: ClientCommand | null;
  /** The tools that the agent shall run without asking; absent from a change of another kind. */
  readonly tools?: readonly AllowableTool[];
}

/** The client's own command that registers an MCP server. */
export interface ClientCommand {
  readonly program: string;
  readonly add: readonly string[];
}

/** The change that registers the MCP server; `program` is the agent's, where it was found. */
export function mcpChange(
  agent: Agent,
  registered: Registered,
  { path, program }: { readonly path: string; readonly program: string | null },
): Change {
  const { mcp } = agent;
  const wanted = mcp.entry(registered);
  const words = mcp.add?.(registered) ?? null;
  return {
    kind: "mcp",
    agent,
    path,
    what: "MCP server",
    edit: (text) => {
      const found = mcpEntry(mcp, text);
      if (found !== null && runsSame(found, wanted)) return text ?? "";
      return withMcpEntry(mcp, text, wanted);
    },
    replaces: (text) => {
      const found = mcpEntry(mcp, text);
      return found === null || runsSame(found, wanted) ? null : "its MCP server peernet";
    },
    command: words === null || program === null ? null : { program, add: words },
  };
}

/** The change that writes an agent's hooks. */
export function hooksChange(agent: Agent, registered: Registered, path: string): Change {
  const harness = harnessOf(agent);
  const command = hookCommand(harness, registered);
  const count = hooksOf(harness, command).length;
  const isOurs = (line: string): boolean => line === command || line === wakerCommand(command);
  return {
    kind: "hooks",
    agent,
    path,
    what: `${count} hooks: when a session starts, works, waits, idles, ends`,
    edit: (text) => withHooks(harness, text, command),
    replaces: (text) => {
      const other = peernetHooks(harness, text).find((hook) => !isOurs(hook.command));
      return other === undefined ? null : "the hooks of another peernet";
    },
    command: null,
  };
}

/** The tools that an agent shall run unasked, and those that setup allowed it earlier. */
export interface Unasked {
  readonly tools: readonly AllowableTool[];
  readonly earlier: readonly AllowableTool[];
}

/** The change that lets an agent run some tools without asking, and no others of ours. */
export function allowChange(agent: Agent, path: string, { tools, earlier }: Unasked): Change {
  const dropped = earlier.filter((tool) => !tools.includes(tool));
  return {
    kind: "permissions",
    agent,
    path,
    what:
      tools.length === 0
        ? `${agent.label} asks again before it runs ${listed(dropped)}`
        : `${agent.label} runs ${listed(tools)} without asking you`,
    edit: (text) => withAllowed(text === null ? null : withoutAllowed(text, dropped, null), tools),
    replaces: () => null,
    command: null,
    tools,
  };
}

function harnessOf(agent: Agent): HookedAgent {
  if (agent.hooks !== null) return agent.hooks.agent;
  throw new PeernetError("internal", { message: `${agent.name} has no hooks` });
}

/** A change that writes the complete text of a file. */
export const wholeChange = (
  given: Pick<Change, "kind" | "path" | "what"> & { readonly text: string },
): Change => ({
  ...given,
  agent: null,
  edit: () => given.text,
  replaces: (text) => (text === null || text === given.text ? null : "what is there"),
  command: null,
});

/** The facts about a change when it is undone. */
export interface Undoing {
  readonly kind: ChangeKind;
  readonly agent: Agent | null;
  readonly registered: Registered;
  /** The text before setup; null when the file did not exist. */
  readonly before: string | null;
  /** The tools that setup let the agent run unasked. */
  readonly allowed: readonly AllowableTool[];
}

/**
 * Returns a text, changed since setup, without setup's entries and with the replaced ones restored.
 * Null when setup made the file and it holds no other text. @throws {bad_request}
 */
export function undone(text: string, { agent, ...undoing }: Undoing): string | null {
  const { before } = undoing;
  const result = agent === null ? text : withoutOurs(text, { agent, ...undoing });
  const isBare = before === null && /^\s*(\{\s*\})?\s*$/.test(result);
  return isBare ? null : result;
}

function withoutOurs(
  text: string,
  { kind, agent, registered, before, allowed }: Undoing & { readonly agent: Agent },
): string {
  if (kind === "permissions") return withoutAllowed(text, allowed, before);
  if (kind === "hooks") {
    const asking = withoutAllowed(text, allowed, before);
    const harness = harnessOf(agent);
    const command = hookCommand(harness, registered);
    const others = peernetHooks(harness, before).filter(({ command: line }) => !isWaker(line));
    const former = others.find((hook) => hook.command !== command);
    if (former === undefined) return withoutHooks(asking, command, before);
    const restored = withHooks(harness, asking, former.command);
    const hadWakers = !lacksWakers(harness, before, former.command);
    return hadWakers ? restored : withoutWakers(restored, former.command);
  }
  const found = mcpEntry(agent.mcp, text);
  if (found === null || !runsSame(found, agent.mcp.entry(registered))) return text;
  const former = mcpEntry(agent.mcp, before);
  const result = withMcpEntry(agent.mcp, text, former);
  const [outer = ""] = agent.mcp.path;
  // The enclosing object, when setup made that too.
  const isLeft = /^\s*\{\s*\}\s*$/.test(JSON.stringify(outerOf(agent, result)) ?? "");
  if (agent.mcp.format === "toml" || !isLeft || outerOf(agent, before) !== undefined) return result;
  return withMcpEntry({ ...agent.mcp, path: [outer] }, result, null);
}

const outerOf = (agent: Agent, text: string | null): unknown =>
  mcpEntry({ ...agent.mcp, path: agent.mcp.path.slice(0, 1) }, text) ?? undefined;
