/**
 * Lets a person choose the name of a newly paired machine: the machine's own name is proposed, and
 * Enter accepts it. An unconfirmed name stays the machine's proposal.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { Paired } from "../../contract/pairing.ts";
import { remarksOn } from "../../contract/text/naming.ts";
import { isName } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { note, prompt } from "../terminal/output.ts";

/** The source of the name. */
export interface Naming {
  /** The name from a flag, or null. */
  readonly name: string | null;
  /** True when a person sits at the terminal. */
  readonly asks: boolean;
}

/** Refused names in a row before the proposed one is kept. */
const refusedMax = 20;

/**
 * A pairing with the person's name for the machine. @throws {bad_request} when a flag's name is not
 * free
 */
export async function named(io: Io, paired: Paired, { name, asks }: Naming): Promise<Paired> {
  if (name !== null) return rename(io, paired, name);
  // A person who named the machine before need not do so again.
  if (!asks || paired.peer.named_by !== "itself") return paired;
  for (const line of remarksOn(paired.peer)) note(io, line);
  const asked = `its name here [${paired.peer.name}]: `;
  let question = `Paired; ${asked}`;
  for (let refused = 0; refused < refusedMax; refused++) {
    const line = await prompt(io, question);
    if (line === null) break;
    const to = line.trim().toLowerCase() || paired.peer.name;
    if (!isName(to)) {
      question = `A name has letters, digits and hyphens; ${asked}`;
      continue;
    }
    try {
      return await rename(io, paired, to);
    } catch (error) {
      if (!(error instanceof PeernetError) || error.code !== "bad_request") throw error;
      question = `${error.message}; ${asked}`;
    }
  }
  return paired;
}

async function rename(io: Io, paired: Paired, to: string): Promise<Paired> {
  const { name } = await io.calls()["peers/rename"]({ name: paired.peer.name, to });
  // The person has read the remarks on the name, and chosen.
  const chosen = { name, named_by: "person", told_name: null, former: null } as const;
  return { ...paired, peer: { ...paired.peer, ...chosen } };
}
