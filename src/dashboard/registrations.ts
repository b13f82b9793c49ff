/**
 * The registration of this peernet's MCP server in each coding agent, for the page: the commands
 * and entries that setup would use. Opens no file, runs no program.
 */

import { agents } from "../harness/agents.ts";
import { withMcpEntry } from "../harness/entries.ts";
import { quoted, type Registered } from "../harness/events.ts";

/** One agent, and the registration of the server in it. */
export interface Registration {
  readonly agent: string;
  /** The file that it changes, below `~` or in a variable's folder. */
  readonly file: string;
  /** The kind of `text`: a command that changes the file, or an entry for it. */
  readonly kind: "command" | "entry";
  readonly text: string;
}

/** The registration in every known agent. */
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
