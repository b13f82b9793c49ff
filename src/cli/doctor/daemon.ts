/** Doctor's checks of the daemon, and its test: take a handle, answer for it, release it. */

import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { Status } from "../../contract/peer.ts";
import { processOf } from "../../session/process.ts";
import { unusable } from "../../setup/home.ts";
import { whyAway } from "../frame/away.ts";
import type { Io } from "../terminal/io.ts";
import { policyChecks } from "./files.ts";
import { gitChecks } from "./git.ts";

/** Checks of the daemon and by the daemon; one failed check when no daemon answers. */
export async function daemonChecks(io: Io): Promise<readonly Check[]> {
  try {
    const [status, { checks }, policy] = await Promise.all([
      io.calls().status({}),
      io.calls().doctor({}),
      io.calls().policy({}),
    ]);
    const own = versionCheck(status.machine.version, io.version.version);
    const seen = [
      ...policyChecks(policy),
      ...keeperCheck(status),
      ...gitChecks(status.handles),
      ...peersCheck(status, io.version.version),
    ];
    return [own, await probe(io), ...checks, ...seen];
  } catch (error) {
    if (!(error instanceof PeernetError) || !isAway(error)) throw error;
    // A start would fail for the same reason, which is the thing to mend.
    const { message, hint } = unusable(io.home) ?? (await whyAway(io, error));
    return [{ name: "daemon", state: "failed", detail: message, fix: hint }];
  }
}

/** True when an error means that no daemon answers. */
const isAway = ({ code }: PeernetError): boolean =>
  code === "daemon_not_running" || code === "daemon_silent";

function versionCheck(running: string, own: string): Check {
  const name = "daemon";
  if (running === own) {
    return { name, state: "ok", detail: `${running}, as this command`, fix: null };
  }
  return {
    name,
    state: "warning",
    detail: `the daemon is ${running}, this command ${own}`,
    fix: "peernet stop, then peernet start",
  };
}

/** The handle that doctor takes for a moment. */
const probeName = "peernet-doctor";

/** Takes a lease, asks it, and releases exactly that one. */
async function probe(io: Io): Promise<Check> {
  const name = "lease";
  const process = processOf(io.pid);
  if (process === null) {
    return { name, state: "ok", detail: "not tried: this process cannot be looked up", fix: null };
  }
  const calls = io.calls();
  const taken = { harness: "shell", session_id: null, process, cwd: "/", project: "doctor" };
  try {
    const lease = await calls.activate({ ...taken, name: probeName, git: null });
    try {
      await calls.ask({ handle: probeName, question: null, thread_id: null });
    } finally {
      await calls.deactivate({ name: probeName, generation: lease.generation });
    }
    return { name, state: "ok", detail: "a handle was taken, asked and released", fix: null };
  } catch (error) {
    if (!(error instanceof PeernetError) || isAway(error)) throw error;
    // Another doctor is running.
    if (error.code === "handle_held") {
      return { name, state: "ok", detail: `${probeName} is held by another doctor`, fix: null };
    }
    return { name, state: "failed", detail: error.message, fix: error.hint };
  }
}

/** The check of the keeper; empty when nothing needs one. */
function keeperCheck({ keeper }: Status): readonly Check[] {
  const name = "keeper";
  if (keeper === undefined) return [];
  if (keeper === "runs") return [{ name, state: "ok", detail: "runs", fix: null }];
  const detail = "no keeper runs: handles end, and no notification is shown";
  return [{ name, state: "warning", detail, fix: "peernet start" }];
}

/** Peers with another version: that may explain a problem between two machines. */
function peersCheck({ peers }: Status, own: string): readonly Check[] {
  return peers
    .filter(({ version }) => version !== null && version !== own)
    .map(({ name, version }) => ({
      name: "version",
      state: "warning",
      detail: `${name} runs ${version}, this machine ${own}`,
      fix: `update peernet ${behind({ name, version: version ?? own }, own)}`,
    }));
}

/** The machine with the older version, when both are comparable. */
function behind(peer: { readonly name: string; readonly version: string }, own: string): string {
  const numbers = (version: string): readonly number[] => version.split(".").map(Number);
  const [theirs, ours] = [numbers(peer.version), numbers(own)];
  const at = theirs.findIndex((number, place) => number !== ours[place]);
  const [their = Number.NaN, our = Number.NaN] = [theirs[at], ours[at]];
  if (their < our) return `on ${peer.name}`;
  return their > our ? "on this machine" : "on the one that is behind";
}
