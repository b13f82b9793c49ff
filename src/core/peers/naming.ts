/**
 * Decides names: the default name of a handle, and this machine's own name for a peer. A name from
 * a person or another machine is never normalised here, only used or refused.
 */

import { fittingName, nameLengthMax } from "../../contract/text/naming.ts";

/** The slug of a folder's name: the part that fits the grammar, or `session` without one. */
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

/** The naming facts of a peer. */
export interface NamedPeer {
  readonly name: string;
  readonly fingerprint: string;
}

/** Names that no other key may have. */
export interface HeldNames {
  /** This machine's own name. */
  readonly own: string;
  readonly peers: readonly NamedPeer[];
  /** Recent former names of peers, each with its key. */
  readonly former: readonly NamedPeer[];
}

/** This machine's name for a peer, and what to say about it. */
export interface PeerName {
  readonly name: string;
  /** The peer's own name, when it could not be used. */
  readonly told_name: string | null;
  /** A peer with another key whose name is the same or looks the same. */
  readonly look_alike: NamedPeer | null;
  /** The key that recently had the proposed name, when nothing else keeps the peer from it. */
  readonly former: string | null;
}

/**
 * Names a peer: a known fingerprint keeps its name. A new one gets its proposed name. It gets
 * `name-2` when this machine or another fingerprint has the name, or had it recently.
 */
export function nameOfPeer(told: NamedPeer, { own, peers, former }: HeldNames): PeerName {
  const isOther = (peer: NamedPeer): boolean => peer.fingerprint !== told.fingerprint;
  const others = peers.filter(isOther);
  const formerOthers = former.filter(isOther);
  const look = skeleton(told.name);
  const look_alike = others.find((peer) => skeleton(peer.name) === look) ?? null;
  const known = peers.find((peer) => peer.fingerprint === told.fingerprint);
  if (known !== undefined && !isPlaceholder(known.name)) {
    return { name: known.name, told_name: null, look_alike: null, former: null };
  }
  // A machine that kept a proposed placeholder could rename itself later, so it gets another name.
  const proposed = isPlaceholder(told.name) ? "machine" : told.name;
  const held = new Set([own, ...others.map((peer) => peer.name)]);
  const name = freeName(proposed, new Set([...held, ...formerOthers.map((peer) => peer.name)]));
  const told_name = name === told.name ? null : told.name;
  const had = formerOthers.find((peer) => peer.name === proposed && !held.has(proposed));
  return { name, told_name, look_alike, former: had?.fingerprint ?? null };
}

const placeholder = /^unnamed-[0-9a-f]{8}$/;

/** The name of a paired peer that has not yet sent a name. */
export const placeholderName = (unique: Uint8Array): string =>
  `unnamed-${unique.slice(0, 4).toHex()}`;

/** A peer's name for people: until it sent one, the beginning of its fingerprint. */
export const shownName = ({ name, fingerprint }: NamedPeer): string =>
  isPlaceholder(name) ? shortFingerprint(fingerprint) : name;

/** The beginning of a fingerprint, in place of a name. */
export const shortFingerprint = (fingerprint: string): string => fingerprint.slice(0, shownDigits);

const shownDigits = "sha256:".length + 8;

/** True when a peer has only such a name. */
export const isPlaceholder = (name: string): boolean => placeholder.test(name);

/** Names with the same skeleton are easily confused. */
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
