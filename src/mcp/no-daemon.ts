/** The message when no daemon answers, and a person's remedy. Starts no daemon. */

import { PeernetError } from "../contract/errors.ts";
import type { McpParts } from "./server/parts.ts";

/** Makes a call that starts no daemon. @throws {daemon_not_running} and the call's own errors */
export async function running<T>(parts: McpParts, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw cause instanceof PeernetError ? whyDown(parts, cause) : cause;
  }
}

/** The error of a call, with the reason why no daemon answers if that is the cause. */
export function whyDown(parts: McpParts, cause: PeernetError): PeernetError {
  if (cause.code !== "daemon_not_running") return cause;
  switch (parts.whyDown()) {
    case "stopped":
      return new PeernetError("daemon_not_running", {
        message: "the daemon is stopped: a person ran `peernet stop`",
        hint: "peernet start",
      });
    case "not_set_up":
      return new PeernetError("daemon_not_running", {
        message: "peernet is not set up on this machine",
        hint: "peernet setup",
      });
    default:
      return cause;
  }
}
