/** `peernet status`: this machine, its handles, its peers, an open window. On the fast path. */

import { wayText } from "../../contract/delivery/ways.ts";
import { PeernetError } from "../../contract/errors.ts";
import { rightsPhrases } from "../../contract/grants/words.ts";
import type { LocalHandle } from "../../contract/lease.ts";
import type { Peer, RemoteHandle, Status } from "../../contract/peer.ts";
import { told, toldText } from "../../contract/text/fact-groups.ts";
import { nameHalf } from "../../contract/text/handle.ts";
import { left, stateShort } from "../../contract/text/words.ts";
import { command } from "../frame/command.ts";
import { gitShort, harnessName, linkCell, linkDetails, phraseRows } from "../frame/facts.ts";
import type { Io } from "../terminal/io.ts";
import { printJson, printLine, printTable, type Row } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import { noteOtherVersion } from "./other-version.ts";

/** Shows this machine's status; starts nothing and never waits on the network. */
export const status = command({
  flags: {
    short: { kind: "switch", summary: "print one line of counts, for a status line" },
  },
  async run({ io, flags, json }) {
    if (flags.short && !json) return printShort(io);
    const output = await io
      .calls()
      .status({})
      .catch((error) => notRunning(io, error));
    if (json) printJson(io, output);
    else {
      printStatus(io, output);
      noteOtherVersion(io, output.machine.version);
    }
    return 0;
  },
});

/**
 * Prints the number of all machines' sessions that wait for a person; never fails a status line.
 */
async function printShort(io: Io): Promise<number> {
  const output = await io
    .calls()
    .status({})
    .catch(() => null);
  if (output === null) {
    printLine(io, "peernet off");
    return 0;
  }
  const states = [...output.handles, ...output.peers.flatMap(({ handles }) => handles)];
  const waiting = states.filter(({ state }) => state === "waiting").length;
  const sessions = waiting === 0 ? counted(states.length, "session") : `${waiting} wait`;
  const { person = 0, held = 0 } = output.mail ?? {};
  const mail = person + held === 0 ? "" : ` · ${person + held} mail`;
  const tasks = output.tasks?.held ?? 0;
  const waitingTasks = tasks === 0 ? "" : ` · ${counted(tasks, "task")}`;
  printLine(io, `peernet ${sessions}${mail}${waitingTasks}`);
  return 0;
}

/** @throws the error; if no daemon ever ran, with the first step */
async function notRunning(io: Io, error: unknown): Promise<never> {
  const isDown = error instanceof PeernetError && error.code === "daemon_not_running";
  if (!isDown || !(await io.isNew())) throw error;
  throw new PeernetError("daemon_not_running", { message: error.message, hint: "peernet setup" });
}

const columns = [{ gap: 3 }, { gap: 2 }, { gap: 3 }, { gap: 3, max: 40 }];

function printStatus(io: Io, status: Status): void {
  const { machine, handles, peers, outbox, window, keeper, tasks, expected = [] } = status;
  const rows: Row[] = [
    {
      cells: [
        { text: machine.name, style: "bold" },
        { text: "running", style: "good" },
        listening(machine.listen),
      ],
    },
    ...handles.map(localRow),
    ...peers.flatMap((peer) => [...peerRows(io, peer), ...peer.handles.map(remoteRow)]),
  ];
  printTable(io, rows, columns);
  for (const { peer, entries, stuck } of outbox ?? []) {
    const state = stuck === 0 ? "" : `, ${stuck} of them stuck`;
    printLine(io, `${counted(entries, "entry", "entries")} for ${peer}${state}: peernet outbox`);
  }
  const waiting = tasks?.held ?? 0;
  if (waiting > 0) {
    const wait = `${counted(waiting, "task")} ${waiting === 1 ? "waits" : "wait"}`;
    printLine(io, `${wait} for your approval: peernet tasks`);
  }
  if (window.open) {
    const attempts = `${counted(window.attempts_left, "attempt")} left`;
    printLine(io, `a pairing window is open: ${left(window.expires_in_ms)} left, ${attempts}`);
  }
  for (const address of machine.taken ?? []) {
    printLine(io, { text: `${address} is used by another program: peernet doctor`, style: "bad" });
  }
  for (const { name } of peers.filter(({ witness }) => witness === "disagrees")) {
    const told = `${name} keeps a record of this machine that its trail does not have`;
    printLine(io, { text: `${told}: peernet audit verify`, style: "bad" });
  }
  if (keeper === "missing") printLine(io, "no keeper: peernet start");
  if (handles.length === 0) printLine(io, "no handle is live here; in a session: peernet activate");
  for (const { name, fingerprint } of expected) {
    printLine(io, `${name ?? fingerprint} is expected, not met yet: peernet peers`);
  }
  if (peers.length + expected.length === 0) {
    printLine(io, "no machine is paired; on both: peernet pair");
  }
}

const localRow = (local: LocalHandle): Row => ({
  cells: [
    nameOf(local.handle),
    stateShort(local, []),
    harnessName(local.harness, []),
    local.git === null ? `project ${local.project}` : gitShort(local.git, []),
    wayCell(local.way),
  ],
  indent: 2,
});

function peerRows(io: Io, peer: Peer): readonly Row[] {
  const head = [{ text: peer.name, style: "bold" } as const, linkCell(peer)];
  return phraseRows(io, { cells: head }, [...linkDetails(peer), ...rightsPhrases(peer)]);
}

const remoteRow = (remote: RemoteHandle): Row => ({
  cells: [
    nameOf(remote.handle),
    stateShort(remote, remote.hidden),
    projectOf(remote),
    wayCell(remote.way),
  ],
  indent: 2,
});

const projectOf = ({ project, hidden }: RemoteHandle): string =>
  `project ${toldText(told(project, { of: "project", hidden, why: "unknown" }), String)}`;

/** The way in which mail reaches a session; empty where it is not known. */
const wayCell = (way: RemoteHandle["way"]): string =>
  way === undefined || way === null ? "" : `mail: ${wayText(way)}`;

/** The session half of a handle: the row above shows the machine. */
const nameOf = (handle: string): string => nameHalf(handle);

function listening(addresses: readonly string[]): string {
  if (addresses.length === 0) return "listens nowhere: it can ask, and not be asked";
  return addresses.map((address) => `${networkOf(address)}${address}`).join(", ");
}

/**
 * The kind of network of an address, when the address alone shows it: a tailnet's are in
 * 100.64.0.0/10 (RFC 6598) and fd7a:115c:a1e0::/48.
 */
function networkOf(address: string): string {
  if (/^(127\.|\[::1\])/.test(address)) return "this machine only ";
  const tailnet = /^(100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|\[fd7a:115c:a1e0:)/.test(
    address,
  );
  return tailnet ? "tailnet " : "";
}
