/**
 * Makes names from texts, and remarks on names. Pure, and loads nothing, so that a command may use
 * it at its start.
 */

import type { PairedPeer } from "../pairing.ts";

/** The longest name, in characters. */
export const nameLengthMax = 31;

/** The part of a text that fits the grammar of names; empty when no part does. */
export const fittingName = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, nameLengthMax)
    .replace(/-+$/, "");

/** Remarks on the name of a machine: the reason why it differs from the machine's own. */
export function remarksOn({
  told_name,
  former,
  look_alike,
}: Pick<PairedPeer, "told_name" | "former" | "look_alike">): readonly string[] {
  const taken = former == null ? "taken here" : `until lately another machine's here: ${former}`;
  return [
    ...(told_name === null ? [] : [`it calls itself ${told_name}, ${taken}`]),
    ...(look_alike === null ? [] : [`${look_alike.name} is another: ${look_alike.fingerprint}`]),
  ];
}
