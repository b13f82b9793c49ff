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
    [`${peer.name} may`, ...may(rightsHere(peer.grants), machine.name, visible)],
    [`${machine.name} may`, ...may(rightsThere(peer.grants), peer.name, theirs.map(nameOf))],
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

/** Rights, and the handles that they reach now; to ask alone names the machine. */
function may(rights: string, machine: string, handles: readonly string[]): Cell[] {
  if (!/\bask\b/.test(rights)) return [rights];
  const reach = rights === "ask" ? `ask ${machine}:` : `${rights}; live now:`;
  return [reach, handles.length === 0 ? "no live handles yet" : handles.join(", ")];
}

const nameOf = ({ handle }: { readonly handle: string }): string => nameHalf(handle);
