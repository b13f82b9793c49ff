/** Calls of this machine about its own tasks, with each refusal in its own terms. */

import { PeernetError } from "../../../contract/errors.ts";
import { greetingMs } from "../../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../../contract/operation/operation.ts";
import { taskCallMs } from "../../../contract/tasks/limits.ts";
import type { Wire } from "../../../contract/wire.ts";
import type { Task } from "../../../core/tasks/task.ts";
import { instantOf } from "../../../platform/effects.ts";
import type { PeerRow } from "../../../store/peers.ts";
import { unknownPeer } from "../../context/context.ts";
import type { TaskRow } from "../calls.ts";
import type { TaskParts } from "../parts.ts";
import { taskError } from "./errors.ts";

/** A machine that may be asked for a task. @throws {peer_unknown} {bad_request} */
export async function askable(parts: TaskParts, machine: string): Promise<PeerRow> {
  const { context, memories, links } = parts;
  if (machine === context.config.machine.name) {
    throw new PeernetError("bad_request", {
      message: "that is this machine's own name",
      hint: "run it here as any program",
    });
  }
  const known = context.tables.peers.named(machine);
  if (known === null) throw unknownPeer(machine);
  const { fingerprint } = known;
  const may = (): boolean =>
    memories.of(fingerprint).features.includes("tasks") &&
    (context.tables.peers.get(fingerprint)?.their_scopes.includes("run") ?? false);
  // The peer's policy may have changed since its last hello.
  if (!may()) await links.greet(fingerprint, { deadlineMs: greetingMs }).catch(() => {});
  const peer = context.tables.peers.get(fingerprint) ?? known;
  const { version, features } = memories.of(fingerprint);
  if (version !== null && !features.includes("tasks")) {
    throw new PeernetError("version_unsupported", {
      message: `${machine} runs a version that takes no tasks`,
      hint: `update peernet on ${machine}`,
    });
  }
  return peer;
}

/** A call about a task. */
export interface TaskCalling<K extends TaskRow> {
  readonly input: InputOf<Wire[K]>;
  readonly task: Pick<Task, "fingerprint" | "repository" | "profile">;
  readonly deadlineMs?: number;
  readonly isAwaited?: boolean;
}

/** Calls the machine of a task. @throws the refusal, in this machine's terms */
export async function callAbout<K extends TaskRow>(
  { context, links, memories }: TaskParts,
  path: K,
  { input, task, deadlineMs = taskCallMs, isAwaited = true }: TaskCalling<K>,
): Promise<OutputOf<Wire[K]>> {
  try {
    const asked = { input: () => input, deadlineMs, isAwaited };
    const { output } = await links.call(task.fingerprint, path, asked);
    return output;
  } catch (error) {
    const peer = context.tables.peers.get(task.fingerprint);
    if (!(error instanceof PeernetError) || peer === null) throw error;
    const shown = memories.shown(peer, instantOf(context.effects.clock));
    const { repository, profile } = task;
    throw taskError(error, shown, { repository, profile, own: context.config.machine.name });
  }
}
