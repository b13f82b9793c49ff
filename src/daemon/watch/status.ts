/** Reports the state of this machine, its sessions and its peers. Waits on nothing. */

import type { Control } from "../../contract/control.ts";
import type { LocalHandle } from "../../contract/lease.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { Status } from "../../contract/peer.ts";
import type { Expected } from "../../contract/trust/expected.ts";
import { stateOf } from "../../core/ask.ts";
import { keeperStanding } from "../../core/keeper.ts";
import { windowState } from "../../core/pairing.ts";
import { expiresInMs, type Lease, liveLeases, type Now } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, type LocalCaller, nowOf } from "../context/context.ts";
import type { KeeperSeen, Ways } from "../context/ports.ts";
import type { PairingWindow } from "../pairing/window.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { mailOf } from "./mail.ts";
import { tasksOf } from "./tasks.ts";

/** Dependencies of the handler of `status`. */
export interface StatusParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly window: PairingWindow;
  readonly listen: () => readonly string[];
  /** Addresses of the settings that another program holds. */
  readonly taken: () => readonly string[];
  readonly startedAtMs: number;
  readonly keeper: KeeperSeen;
  readonly ways: Ways;
}

/** The handler of the row `status`. */
export const statusHandlers = (
  parts: StatusParts & { readonly expected: (now: Instant) => readonly Expected[] },
): Pick<Handlers<Control, LocalCaller>, "status"> => ({
  status: async (_input, { now }) => {
    const expected = [...parts.expected(now)];
    return { ...statusOf(parts, now), ...(expected.length === 0 ? {} : { expected }) };
  },
});

/** The state of this machine, in the form of `status`. */
const statusOf = (parts: StatusParts, now: Instant): Status => ({
  machine: machineOf(parts),
  handles: handlesOf(parts, now),
  peers: parts.memories.all(now),
  outbox: queuesOf(parts.context),
  window: windowOf(parts, now),
  mail: mailOf(parts.context),
  tasks: tasksOf(parts.context),
  ...keeperOf(parts, now),
});

/** The number of waiting entries of each peer. */
const queuesOf = ({ tables }: Context): Status["outbox"] =>
  tables.outbox.peers().flatMap(({ fingerprint, entries, stuck }) => {
    const peer = tables.peers.get(fingerprint);
    return peer === null ? [] : [{ peer: peer.name, entries, stuck }];
  });

/** The state of the keeper; absent when nothing needs one. */
function keeperOf({ context, keeper }: StatusParts, now: Instant): Pick<Status, "keeper"> {
  const live = liveLeases(context.tables.leases.all(), nowOf(context, now));
  const standing = keeperStanding({
    wanted: keeper.isWanted(),
    awayMs: keeper.awayMs(),
    unrenewedMs:
      live.length === 0
        ? null
        : now.bootMs - Math.min(...live.map(({ renewed_boot_ms }) => renewed_boot_ms)),
  });
  return standing === null ? {} : { keeper: standing };
}

/** This machine in the form of `status`. */
export const machineOf = (parts: StatusParts): Status["machine"] => ({
  name: parts.context.config.machine.name,
  fingerprint: parts.context.identity.fingerprint,
  version: parts.context.version,
  running: true,
  listen: [...parts.listen()],
  ...(parts.taken().length === 0 ? {} : { taken: [...parts.taken()] }),
  started_at_ms: parts.startedAtMs,
});

/** The live handles of this machine. */
export function handlesOf(
  { context, ways }: Pick<StatusParts, "context" | "ways">,
  now: Instant,
): LocalHandle[] {
  const instant = nowOf(context, now);
  return liveLeases(context.tables.leases.all(), instant).map((lease) => ({
    ...localHandle(context, lease, { instant, wallMs: now.wallMs }),
    way: ways.here(lease, now),
  }));
}

/** The pairing window of this machine, without its code. */
export function windowOf({ window }: Pick<StatusParts, "window">, now: Instant): Status["window"] {
  const open = window.current;
  if (open === null || windowState(open, now.monotonicMs) !== "open") return { open: false };
  return {
    open: true,
    expires_in_ms: Math.floor(open.expires_monotonic_ms - now.monotonicMs),
    attempts_left: open.attempts_left,
  };
}

function localHandle(
  context: Context,
  lease: Lease,
  { instant, wallMs }: { readonly instant: Now; readonly wallMs: number },
): LocalHandle {
  const age = (bootMs: number): number => Math.max(0, Math.floor(instant.bootMs - bootMs));
  return {
    handle: `${context.config.machine.name}/${lease.name}`,
    project: lease.project,
    harness: lease.harness,
    ...stateOf(lease, instant),
    summary: lease.summary,
    git: lease.git,
    ...(lease.git_why === null ? {} : { git_why: lease.git_why }),
    started_at_ms: Math.max(0, Math.floor(wallMs - age(lease.started_boot_ms))),
    expires_in_ms: Math.floor(expiresInMs(lease, instant)),
  };
}
