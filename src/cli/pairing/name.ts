/**
 * Has a person say what a machine is called here once it is paired: the name that the machine told
 * is proposed, and Enter takes it. A name that nobody confirmed stays the machine's own word.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { Paired } from "../../contract/pairing.ts";
import { isName } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { note, prompt } from "../terminal/output.ts";

/** The source of the name. */
export interface Naming {
  /** The name that a flag gave, or null. */
  readonly name: string | null;
  /** True where a person sits at the terminal. */
  readonly asks: boolean;
}

/** Names that may be refused in a row before the told one is left as it is. */
const refusedMax = 20;

/** A pairing with the name that a person gave. @throws {bad_request} where a flag's is not free */
export async function named(io: Io, paired: Paired, { name, asks }: Naming): Promise<Paired> {
  if (name !== null) return rename(io, paired, name);
  // A person who named the machine before need not do so again.
  if (!asks || paired.peer.named_by !== "itself") return paired;
  for (const line of remarks(paired.peer)) note(io, line);
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

/** Remarks on the name of a machine: the reason that it is not called what it calls itself. */
export function remarks({ told_name, former, look_alike }: Paired["peer"]): readonly string[] {
  const taken = former == null ? "taken here" : `until lately another machine's here: ${former}`;
  return [
    ...(told_name === null ? [] : [`it calls itself ${told_name}, ${taken}`]),
    ...(look_alike === null ? [] : [`${look_alike.name} is another: ${look_alike.fingerprint}`]),
  ];
}
