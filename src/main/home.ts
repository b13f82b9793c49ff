/** Finds the state folder of this process. */

import { PeernetError } from "../contract/errors.ts";

/** The path of the state folder: `PEERNET_HOME`, else `~/.peernet`. @throws {state_unsafe} */
export function stateFolder(): string {
  const { PEERNET_HOME: home, HOME: user } = process.env;
  if (home?.startsWith("/")) return home;
  if (home === undefined && user?.startsWith("/")) return `${user}/.peernet`;
  throw new PeernetError("state_unsafe", {
    message: home === undefined ? "HOME is not set" : "PEERNET_HOME is not an absolute path",
    hint: "set PEERNET_HOME to an absolute path",
  });
}
