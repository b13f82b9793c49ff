/** Rows for the rights of each side of a pairing. */

import { rightsHere, rightsThere } from "../../contract/grants/words.ts";
import type { Peer } from "../../contract/peer.ts";
import type { Row } from "../terminal/output.ts";

/** A row for each side: the peer's rights here, and this machine's rights there. */
export const grantRows = ({ name, grants }: Peer, machine: string): readonly Row[] => [
  { cells: [`${name} may here`, rightsHere(grants)], indent: 2 },
  { cells: [`${machine} may there`, rightsThere(grants)], indent: 2 },
];
