/**
 * Acts of a person: they admit a machine, change its rights, or end a pairing. Names each such row
 * of the control table. Loads no zod, for the command line's sake.
 */

import { stateNames } from "./text/state-names.ts";

/** Rows of the control table with `person: true`; a test keeps the two equal. */
export const personNames = [
  "pair/open",
  "pair",
  "unpair",
  "trust",
  "untrust",
  "peers/rename",
  "peers/grant",
  "peers/revoke",
  "peers/pause",
  "peers/resume",
  "inbox/approve",
  "inbox/refuse",
  "policy/check",
  "policy/write",
  "tasks/approve",
  "tasks/refuse",
] as const;

/** The header that states that a person is at a terminal, or at the page. */
export const attendedHeader = "peernet-attended";

/** The state folder's file of acts that no person has seen yet, one a line. */
export const unseenName = stateNames.unseen;
/**
 * The size at which that file takes no further act: the person then learns that there were many.
 */
export const unseenBytesMax = 16_384;

/** An act that happened without a person at a terminal. */
export interface Act {
  readonly verb: "pair" | "unpair" | "rename" | "grant" | "policy" | "trust" | "task";
  readonly at_ms: number;
  /** This machine's name for the peer at that time. */
  readonly name: string;
  readonly fingerprint: string;
  /** The peer's rights here since then, in words; empty for a rename, the rules of a policy. */
  readonly may: string;
}

const verbs: readonly string[] = ["pair", "unpair", "rename", "grant", "policy", "trust", "task"];

/** Reads a line of that file; null for any other line. */
export function actOf(line: string): Act | null {
  try {
    const { verb, at_ms, name, fingerprint, may }: Partial<Act> = JSON.parse(line);
    const texts = [verb, name, fingerprint, may];
    if (texts.some((text) => typeof text !== "string") || typeof at_ms !== "number") return null;
    // The checks above show each field's type.
    return verbs.includes(String(verb)) ? ({ verb, at_ms, name, fingerprint, may } as Act) : null;
  } catch {
    return null;
  }
}
