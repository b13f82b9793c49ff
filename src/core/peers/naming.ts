/**
 * Decides names: the default one of a handle, and this machine's own name for a peer. A name that
 * a person or another machine gave is never normalised here, only used or refused.
 */

import { fittingName, nameLengthMax } from "../../contract/text/naming.ts";

/** The slug of a folder's name: what of it fits the grammar, or `session` when nothing does. */
export const slug = (folder: string): string => fittingName(folder) || "session";

/** The name itself when free, else the first free one of `name-2`, `name-3`, … */
export function freeName(name: string, held: ReadonlySet<string>): string {
  if (!held.has(name)) return name;
  // Bounded: among held.size + 1 different names one is free.
  for (let number = 2; number <= held.size + 2; number++) {
    const suffix = `-${number}`;
    const candidate = `${name.slice(0, nameLengthMax - suffix.length).replace(/-+$/, "")}${suffix}`;
    if (!held.has(candidate)) return candidate;
  }
  throw new RangeError("more names are held than there are");
}

/** A peer as far as its name is concerned. */
export interface NamedPeer {
  readonly name: string;
  readonly fingerprint: string;
}

/** What a peer is called here, and what to say about it. */
export interface PeerName {
  readonly name: string;
  /** The told name, where it could not be used. */
  readonly told_name: string | null;
  /** A peer of another key whose name is the same or looks the same. */
  readonly look_alike: NamedPeer | null;
}

/**
 * Names a peer: a known fingerprint keeps its name; a told name is proposed, and becomes `name-2`
 * when another fingerprint or this machine has it.
 */
export function nameOfPeer(
  told: NamedPeer,
  peers: readonly NamedPeer[],
  ownName: string,
): PeerName {
  const others = peers.filter((peer) => peer.fingerprint !== told.fingerprint);
  const look = skeleton(told.name);
  const look_alike = others.find((peer) => skeleton(peer.name) === look) ?? null;
  const known = peers.find((peer) => peer.fingerprint === told.fingerprint);
  if (known !== undefined && !isPlaceholder(known.name)) {
    return { name: known.name, told_name: null, look_alike: null };
  }
  // Told, a placeholder would stay one: the machine could be renamed again by what it says.
  const proposed = isPlaceholder(told.name) ? "machine" : told.name;
  const name = freeName(proposed, new Set([ownName, ...others.map((peer) => peer.name)]));
  return { name, told_name: name === told.name ? null : told.name, look_alike };
}

const placeholder = /^unnamed-[0-9a-f]{8}$/;

/** The name of a peer that was paired but has not yet said what it is called. */
export const placeholderName = (unique: Uint8Array): string =>
  `unnamed-${unique.slice(0, 4).toHex()}`;

/** Whether a peer has only such a name. */
export const isPlaceholder = (name: string): boolean => placeholder.test(name);

/** Names with one skeleton are easily taken for each other. */
function skeleton(name: string): string {
  return (
    name
      .replace(/-/g, "")
      .replace(/[0o]/g, "o")
      .replace(/[1il]/g, "l")
      .replace(/5/g, "s")
      .replace(/2/g, "z")
      // Pairs last: one half of a pair may itself be a look-alike.
      .replace(/rn/g, "m")
      .replace(/vv/g, "w")
      .replace(/cl/g, "d")
  );
}
