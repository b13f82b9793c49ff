/** Inputs of hooks in tests, and homes whose settings say which session takes a handle. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HookInput } from "../../src/contract/lease.ts";

/** The start of a session of Claude Code, alone in its process, in a work tree. */
export const told = (more: Partial<HookInput> = {}): HookInput => ({
  harness: "claude-code",
  session_id: "session-a",
  process: { pid: 4242, start_time: "111" },
  sole: true,
  headless: false,
  cwd: "/home/ada/src/hydrate",
  root: "/home/ada/src/hydrate",
  project: "hydrate",
  event: "start",
  state: null,
  ...more,
});

/** Writes the settings of a home. */
export const configure = (home: string, text: string): void =>
  writeFileSync(join(home, "config.toml"), text, { mode: 0o600 });

/** A fresh home with settings. */
export function homeWith(text: string): string {
  const home = mkdtempSync(join(tmpdir(), "peernet-hooks-"));
  configure(home, text);
  return home;
}

/** Every session in a work tree takes a handle. */
export const everywhere = 'sessions.activate = "repositories"';
