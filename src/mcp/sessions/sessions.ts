/** The tools by which a session takes a handle, sets its summary, and leaves. */

import { PeernetError } from "../../contract/errors.ts";
import type { Tools } from "../../contract/mcp.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { takeHandle } from "../../session/activation.ts";
import { announced, leaving } from "../../session/announcement.ts";
import { describe, toldAtOnce } from "../../session/describe.ts";
import { running } from "../no-daemon.ts";
import type { Call } from "../server/parts.ts";
import { folderOf, selectorOf, sessionOf } from "./caller.ts";

/** Takes a handle, or renames the session's present one. @throws {handle_held} {lease_limit} … */
export async function activateSession(
  input: InputOf<Tools["activate_session"]>,
  call: Call,
): Promise<OutputOf<Tools["activate_session"]>> {
  const session = sessionOf(call);
  const cwd = folderOf(call);
  const described = await describe(cwd, call.parts);
  const facts = { cwd, project: described.project, ...toldAtOnce(described) };
  const output = await takeHandle(call.parts, { ...session, ...facts, ...input });
  return { message: `${announced(output)}; to leave: ${leaving(output.handle)}`, ...output };
}

/** Releases the session's lease. @throws {handle_unknown} {daemon_not_running} */
export async function deactivateSession(
  _input: InputOf<Tools["deactivate_session"]>,
  call: Call,
): Promise<OutputOf<Tools["deactivate_session"]>> {
  const output = await ofSession(call, (selector) => call.parts.calls().deactivate(selector));
  return { message: `${output.handle} is no longer live`, ...output };
}

/** Sets the session's summary. @throws {handle_unknown} {daemon_not_running} */
export async function setSummary(
  { summary: text }: InputOf<Tools["set_summary"]>,
  call: Call,
): Promise<OutputOf<Tools["set_summary"]>> {
  const output = await ofSession(call, (selector) =>
    call.parts.calls().summary({ selector, text }),
  );
  return { message: `${output.handle} has a new summary`, ...output };
}

/** Makes a call about the caller's own lease; only a person may name another session. */
async function ofSession<T>(
  call: Call,
  make: (selector: ReturnType<typeof selectorOf>) => Promise<T>,
): Promise<T> {
  const selector = selectorOf(call);
  try {
    return await running(call.parts, () => make(selector));
  } catch (cause) {
    if (!(cause instanceof PeernetError)) throw cause;
    const { code, message, details } = cause;
    if (code === "handle_unknown") {
      throw new PeernetError(code, { message, hint: "peernet activate" });
    }
    const names: unknown = details?.names;
    if (code !== "bad_request" || !Array.isArray(names)) throw cause;
    throw new PeernetError(code, {
      message,
      hint: `peernet deactivate ${names[0]}`,
      details: { names },
    });
  }
}
