/** Assembles the MCP server, on the standard streams. */

import { stateNames } from "../contract/text/state-names.ts";
import { timers } from "../platform/clock/timers.ts";
import { stateFolder } from "./home.ts";
import { realIo } from "./io.ts";

/** Serves one MCP client until it ends its input; returns the exit code. */
export async function mcpMode(): Promise<number> {
  const [{ serve }, { existsSync }, io] = await Promise.all([
    import("../mcp/serve.ts"),
    import("node:fs"),
    realIo(),
  ]);
  const has = (name: string): boolean => existsSync(`${stateFolder()}/${name}`);
  const parts = Object.assign(io, {
    whyDown: () => {
      if (has(stateNames.stopped)) return "stopped";
      return has(stateNames.lock) || has(stateNames.config) ? "not_running" : "not_set_up";
    },
    staleHooks: async () => {
      const { staleIn } = await import("../setup/health/stale.ts");
      const { environment } = io;
      return staleIn({ home: environment.HOME ?? "/", environment }).hooks;
    },
    nonce: () => crypto.getRandomValues(new Uint8Array(8)).toHex(),
  } as const);
  return serve(parts, { input: Bun.stdin.stream(), write: io.out, timers });
}
