/**
 * Identifies the session of a call. A client's environment may name an ended session, and one
 * client may hold many sessions. So the process decides, or the call's own metadata.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { ActivateInput, KeptLease, Selector } from "../../contract/lease.ts";
import { SessionId } from "../../contract/terms.ts";
import { fittingName } from "../../contract/text/naming.ts";
import { clientProcess } from "../../session/client.ts";
import type { Call } from "../server/parts.ts";

/** A session, as a lease names it. */
export type Session = Pick<ActivateInput, "harness" | "session_id" | "process"> & {
  readonly sole: boolean;
};

/** Harnesses whose clients use another name, by its beginning. */
const harnesses: readonly (readonly [RegExp, string])[] = [
  [/^claude-code/, "claude-code"],
  [/^codex/, "codex"],
  [/^gemini/, "gemini-cli"],
  [/^qwen/, "qwen-code"],
  [/^(github-)?copilot/, "copilot"],
];

/** A client's name as a harness: lower case, of a-z, 0-9 and -, at most 31; `mcp` without one. */
export function harnessOf(client: string | null): string {
  const slug = fittingName(client ?? "");
  const known = harnesses.find(([beginning]) => beginning.test(slug));
  return known?.[1] ?? (slug || "mcp");
}

/** The session of a call. @throws {bad_request} when its process is not visible */
export function sessionOf(call: Call): Session {
  const { pid, environment } = call.parts;
  const harness = harnessOf(call.client);
  const process = clientProcess({ pid, harness, environment });
  if (process === null) {
    throw new PeernetError("bad_request", {
      message: "the process of this session cannot be seen from here, as in a container",
      hint: "peernet activate --pid PID",
    });
  }
  // One process of Codex holds the sessions of many terminals; each call names its own.
  const isCodex = harness === "codex";
  return { harness, process, session_id: isCodex ? idIn(call.meta) : null, sole: !isCodex };
}

/** Selects the caller's lease for the daemon. @throws {bad_request} */
export function selectorOf(call: Call): Selector {
  const { process, session_id } = sessionOf(call);
  return session_id === null ? { processes: [process] } : { session_id };
}

/** Selects the caller's lease for the record; nothing when its process is not visible. */
export function callerOf(call: Call): { readonly from?: Selector } {
  try {
    return { from: selectorOf(call) };
  } catch {
    return {};
  }
}

function idIn(meta: Call["meta"]): string | null {
  const told = SessionId.safeParse(meta.sessionId ?? meta.threadId);
  return told.success ? told.data : null;
}

/** The folder that the session works in. */
export function folderOf({ parts, meta }: Call): string {
  const { CLAUDE_PROJECT_DIR, PWD } = parts.environment;
  const told = [CLAUDE_PROJECT_DIR, workspaceIn(meta), PWD];
  return told.find((folder) => folder?.startsWith("/")) ?? parts.cwd();
}

/** The folder that Codex names with a call: its server may have started in another. */
function workspaceIn(meta: Call["meta"]): string | undefined {
  const { workspaces }: { workspaces?: unknown } = Object(meta["x-codex-turn-metadata"]);
  const folders = Object.keys(Object(workspaces));
  return folders.length === 1 ? folders[0] : undefined;
}

/** The lease of the calling session; null when it has none, or is not visible. */
export function ownLease(call: Call, leases: readonly KeptLease[]): KeptLease | null {
  try {
    const { session_id, processes = [] } = selectorOf(call);
    const isOwn = (lease: KeptLease): boolean =>
      session_id !== undefined
        ? lease.session_id === session_id
        : processes.some(
            ({ pid, start_time }) =>
              lease.process.pid === pid && lease.process.start_time === start_time,
          );
    return leases.find(isOwn) ?? null;
  } catch {
    return null;
  }
}
