/**
 * Acts of a person: what lets a machine in, changes what it may do, or ends a pairing. Each row of
 * the control table that is one is named here. Loads no zod, for the command line's sake.
 */

/** Rows of the control table with `person: true`; a test holds the two together. */
export const personNames = [
  "pair/open",
  "pair",
  "unpair",
  "peers/grant",
  "peers/revoke",
  "peers/pause",
  "peers/resume",
] as const;

/** The header by which a caller says that a person is at a terminal, or at the page. */
export const attendedHeader = "peernet-attended";

/** The file of the state folder that holds acts nobody has been shown yet, one a line. */
export const unseenName = "unseen";
/** Beyond so many bytes of them no further act is noted: a person is shown that there were many. */
export const unseenBytesMax = 16_384;

/** An act that was done without a person at a terminal. */
export interface Act {
  readonly verb: "pair" | "unpair" | "grant";
  readonly at_ms: number;
  /** The name that this machine had for the peer. */
  readonly name: string;
  readonly fingerprint: string;
  /** Scopes that the peer has here since then. */
  readonly may: string;
}

const verbs: readonly string[] = ["pair", "unpair", "grant"];

/** Reads a line of that file; null for any other line. */
export function actOf(line: string): Act | null {
  try {
    const { verb, at_ms, name, fingerprint, may }: Partial<Act> = JSON.parse(line);
    const texts = [verb, name, fingerprint, may];
    if (texts.some((text) => typeof text !== "string") || typeof at_ms !== "number") return null;
    // Each was just seen to be of its type.
    return verbs.includes(String(verb)) ? ({ verb, at_ms, name, fingerprint, may } as Act) : null;
  } catch {
    return null;
  }
}
