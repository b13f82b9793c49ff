/**
 * The control API: the control table on a unix socket that only this machine's user can open.
 * Called while the home's lock is held, so a socket that is there is a dead one.
 */

import { type Control, control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { privately } from "../../platform/files.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import { mount } from "./mount.ts";

/** The longest path that every system takes for a unix socket. */
const socketPathBytesMax = 103;

/** Returns what binds the control API to a path and resolves to what closes it. */
export function controlApi(
  context: Context,
  handlers: Handlers<Control, LocalCaller>,
): (socketPath: string) => Promise<() => Promise<void>> {
  const { effects, run, tables } = context;
  const mounted = mount(control, handlers, {
    effects,
    caller: (_request, now) => ({ now }),
    head: () => ({ epoch: run.id, head: tables.audit.head().seq }),
  });
  return async (socketPath) => {
    if (new TextEncoder().encode(socketPath).length > socketPathBytesMax) {
      throw new PeernetError("state_unsafe", {
        message: `the path of the control socket is over ${socketPathBytesMax} bytes`,
        hint: "set PEERNET_HOME to a shorter path",
      });
    }
    const name = socketPath.slice(effects.files.folder.length + 1);
    effects.files.remove(name);
    const close = await privately(() => mounted.listen(socketPath));
    // Nobody is served on a socket that is open to others, whatever the system made of it.
    effects.files.check(name);
    return close;
  };
}
