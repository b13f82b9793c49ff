/**
 * The control API: the control table on a unix socket that only this machine's user can open.
 * Called while the home's lock is held, so an existing socket is a dead one.
 */

import { attendedHeader } from "../../contract/acts.ts";
import { type Control, control } from "../../contract/control.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { privately, requireSocketPath } from "../../platform/files.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import { mount } from "./mount.ts";

/** Returns a function that binds the control API to a path and resolves to its close function. */
export function controlApi(
  context: Context,
  handlers: Handlers<Control, LocalCaller>,
): (socketPath: string) => Promise<() => Promise<void>> {
  const { effects, run, tables } = context;
  const mounted = mount(control, handlers, {
    effects,
    caller: (request, now) => ({ now, attended: request.headers.get(attendedHeader) === "1" }),
    head: () => ({ epoch: run.id, head: tables.audit.head().seq }),
  });
  return async (socketPath) => {
    requireSocketPath(socketPath);
    const name = socketPath.slice(effects.files.folder.length + 1);
    effects.files.remove(name);
    const close = await privately(() => mounted.listen(socketPath));
    // A socket that is open to others serves nobody, whatever the system made of its mode.
    effects.files.check(name);
    return close;
  };
}
