/**
 * How a person tells each coding agent of this peernet's MCP server, for the page to show: the
 * commands and entries that setup would use. Opens no file, runs nothing.
 */

import { agents } from "../harness/agents.ts";
import { withMcpEntry } from "../harness/entries.ts";
import { quoted, type Registered } from "../harness/events.ts";

/** One agent, and what registers the server with it. */
export interface Registration {
  readonly agent: string;
  /** The file that this changes, below `~` or where a variable says. */
  readonly file: string;
  /** Whether `text` is a command, which changes the file, or what is to stand in it. */
  readonly kind: "command" | "entry";
  readonly text: string;
}

/** The registration with every agent that is known. */
export function registrations(
  registered: Registered,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Registration[] {
  return agents.map(({ label, program, mcp, mcpFiles }) => {
    const [file = ""] = mcpFiles({ home: "~", environment });
    const shown = { agent: label, file };
    if (mcp.add === null) {
      const text = withMcpEntry(mcp, null, mcp.entry(registered)).trim();
      return { ...shown, kind: "entry", text };
    }
    const text = [program, ...mcp.add(registered)].map(quoted).join(" ");
    return { ...shown, kind: "command", text };
  });
}
