/** `peernet peers` and its subcommands about one peer. */

import { wayText } from "../../contract/delivery/ways.ts";
import {
  mayText,
  rightsHere,
  rightsPhrases,
  rightsThere,
  unknownHandles,
} from "../../contract/grants/words.ts";
import type { Peer } from "../../contract/peer.ts";
import { leftText, past, stateShort } from "../../contract/text/words.ts";
import type { Expected } from "../../contract/trust/expected.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { joined, linkCell, linkDetails, nothing, phraseRows } from "../frame/facts.ts";
import { noteLooseNames } from "../frame/policy-names.ts";
import { dateOf } from "../terminal/date.ts";
import type { Io } from "../terminal/io.ts";
import { printBlock, printJson, printLine, printTable, type Row } from "../terminal/output.ts";
import { cut } from "../terminal/text.ts";

/** Lists paired machines. */
export const peers = command({
  flags: {},
  async run({ io, json }) {
    const output = await started(io, () => io.calls().peers({}));
    const { peers: all, expected = [] } = output;
    if (json) {
      printJson(io, output);
      return 0;
    }
    if (all.length > 0) printPeers(io, all);
    else if (expected.length === 0) printLine(io, "no machine is paired; on both: peernet pair");
    printExpected(io, expected);
    return 0;
  },
});

/** The machines that are trusted by their fingerprints, and have not met this one. */
function printExpected(io: Io, expected: readonly Expected[]): void {
  if (expected.length === 0) return;
  const rows = expected.map(({ name, fingerprint, their_entries, mine, expires_in_ms }): Row => {
    const may = mayText(rightsHere({ their_entries, mine, hold: true, paused: false }));
    const rights = `may ${may} once it met this machine`;
    return {
      cells: [
        name ?? "unnamed",
        "expected",
        fingerprint,
        rights,
        `${leftText(expires_in_ms)} left`,
      ],
    };
  });
  printTable(io, rows, [{ gap: 3 }, { gap: 3, min: 9 }, { gap: 3 }, { gap: 3 }]);
}

function printPeers(io: Io, all: readonly Peer[]): void {
  const rows: Row[] = [
    { cells: ["PEER", "LINK", "IDENTITY", "GRANTS"].map((text) => ({ text, style: "dim" })) },
    ...all.flatMap((peer) => {
      const cells = [
        { text: peer.name, style: "bold" } as const,
        linkCell(peer),
        shortOf(io, peer),
      ];
      return phraseRows(io, { cells }, [...rightsPhrases(peer), ...linkDetails(peer)]);
    }),
  ];
  printTable(io, rows, [{ gap: 3 }, { gap: 3, min: 9 }, { gap: 3 }]);
}

/** The complete fingerprint is in `peers show`, and in output that no terminal cuts. */
const shortOf = (io: Io, { fingerprint }: Peer): string =>
  io.terminal().stdout ? cut(fingerprint, 16) : fingerprint;

/** Shows one paired machine. */
export const show = command({
  flags: {},
  async run({ io, words, json }) {
    const [name = ""] = words;
    const peer = await started(io, () => io.calls()["peers/show"]({ name }));
    if (json) printJson(io, peer);
    else printPeer(io, peer);
    return 0;
  },
});

function printPeer(io: Io, peer: Peer): void {
  const link = linkCell(peer);
  const phrases = [typeof link === "string" ? link : link.text, ...linkDetails(peer)];
  const facts: readonly (readonly [string, string])[] = [
    ["identity", peer.fingerprint],
    ...(peer.named_by === "itself" ? [["name", unconfirmed(peer.name)] as const] : []),
    ["link", joined(phrases)],
    ["it may", rightsHere(peer.grants)],
    ["you may", rightsThere(peer.grants)],
    ["address", peer.address ?? nothing],
    ["version", peer.version ?? nothing],
    ["paired", dateOf(new Date(peer.paired_at_ms))],
    ["seen", peer.last_seen_age_ms === null ? "never" : past(peer.last_seen_age_ms)],
    ...handleFacts(peer),
  ];
  printLine(io, { text: peer.name, style: "bold" });
  printBlock(
    io,
    facts.map((cells): Row => ({ cells, indent: 2 })),
    [{ gap: 3 }],
  );
}

const unconfirmed = (name: string): string =>
  `as it told; to confirm it: peernet peers rename ${name} ${name}`;

/** A line for each live session, the first with the label. */
function handleFacts(peer: Peer): readonly (readonly [string, string])[] {
  if (peer.handles.length === 0) return [["handles", unknownHandles(peer) ?? "none live"]];
  return peer.handles.map((handle, at) => [at === 0 ? "handles" : "", handleWords(handle, peer)]);
}

/** A live session: its state, and the way in which mail reaches it, or why that is unknown. */
function handleWords(handle: Peer["handles"][number], { name, grants }: Peer): string {
  const { way = null } = handle;
  const needed = ["ask", "message"].filter((scope) => !grants.ours.some((has) => has === scope));
  const hides = handle.hidden?.some((group) => group === "state" || group === "harness") === true;
  const hidden = hides ? `${name} hides it` : `${name} tells none`;
  const why = needed.length > 0 ? `needs ${needed.join(" and ")} there` : hidden;
  const mail = way === null ? `unknown: ${why}` : wayText(way);
  return `${handle.handle}, ${stateShort(handle, handle.hidden)} · mail: ${mail}`;
}

/** Changes this machine's own name for a peer. */
export const rename = command({
  flags: {},
  async run({ io, words, json }) {
    const [name = "", to = ""] = words;
    const peer = await started(io, () => io.calls()["peers/rename"]({ name, to }));
    if (json) printJson(io, peer);
    else {
      printLine(io, `${name} is called ${peer.name} here from now on`);
      await noteLooseNames(io);
    }
    return 0;
  },
});
