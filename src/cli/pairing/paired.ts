/** Announces a pairing: the same lines where the code was typed and where it was shown. */

import { rightsHere, rightsThere } from "../../contract/grants/words.ts";
import type { Paired } from "../../contract/pairing.ts";
import { nameHalf } from "../../contract/text/handle.ts";
import { remarksOn } from "../../contract/text/naming.ts";
import type { Io } from "../terminal/io.ts";
import { type Cell, printBlock, printLine, type Row } from "../terminal/output.ts";

/**
 * Prints a new pairing: the identity, each side's rights and visible handles, and how to undo it.
 */
export async function printPaired(io: Io, { peer, visible }: Paired): Promise<void> {
  const { machine, peers } = await io.calls().status({});
  const theirs = peers.find(({ fingerprint }) => fingerprint === peer.fingerprint)?.handles ?? [];
  const rows: (readonly Cell[])[] = [
    ["identity", peer.fingerprint],
    ...may(peer.name, rightsHere(peer.grants), { machine: machine.name, handles: visible }),
    ...may(machine.name, rightsThere(peer.grants), {
      ...{ machine: peer.name, handles: theirs.map(nameOf) },
    }),
    ["undo", `peernet unpair ${peer.name}`],
  ];
  if (peer.told_name !== null) {
    rows.push([{ text: "name", style: "warning" }, ...remarksOn({ ...peer, look_alike: null })]);
    rows.push(["rename", `peernet peers rename ${peer.name} NEW`]);
  }
  if (peer.look_alike !== null) {
    const { name, fingerprint } = peer.look_alike;
    rows.push([{ text: "look-alike", style: "warning" }, `${name} is another: ${fingerprint}`]);
  }
  printLine(io, { text: `Paired with ${peer.name}`, style: "good" });
  printBlock(
    io,
    rows.map((cells): Row => ({ cells, indent: 2 })),
    [{ gap: 4 }, { gap: 2 }],
  );
}

/** The handles of a machine that rights reach now. */
interface Reached {
  readonly machine: string;
  readonly handles: readonly string[];
}

/** A machine's rights, and what they reach now; to ask alone names the other machine. */
function may(name: string, rights: string, { machine, handles }: Reached): (readonly Cell[])[] {
  const live = handles.length === 0 ? "no live handles yet" : handles.join(", ");
  if (rights === "ask") return [[`${name} may`, `ask ${machine}:`, live]];
  return [[`${name} may`, rights], ...(/\bask\b/.test(rights) ? [["", `now: ${live}`]] : [])];
}

const nameOf = ({ handle }: { readonly handle: string }): string => nameHalf(handle);
