/** The sender of a command's message: the session that runs it, or the person. */

import { PeernetError } from "../../contract/errors.ts";
import type { Sender } from "../../contract/messages/sending.ts";
import type { Io } from "../terminal/io.ts";

/** The sender; a command below a coding agent is that agent's session's, never a person's. */
export async function senderOf(io: Io): Promise<Sender> {
  const session = await io.session();
  const by = (await isPerson(io)) ? "person" : "session";
  return session === undefined ? { by } : { session, by };
}

/** True when no coding agent runs the command. */
export async function isPerson(io: Io): Promise<boolean> {
  try {
    await io.requirePerson("peernet inbox");
    return true;
  } catch (error) {
    if (error instanceof PeernetError && error.code === "not_a_person") return false;
    throw error;
  }
}
