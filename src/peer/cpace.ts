/**
 * CPACE-RISTR255-SHA512 and the peernet run on top of it: two machines prove to each other that
 * they know one code, over a connection that is already encrypted but not yet trusted. Pure.
 * Refuses to keep state, to draw randomness, and to say whether a tag is right: the caller claims
 * an attempt first, then compares.
 * Source: draft-irtf-cfrg-cpace, initiator/responder setting with explicit key confirmation.
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { accept, type Outcome, PeernetError, refuse } from "../contract/errors.ts";
import type { Fingerprint } from "../contract/terms.ts";
import { concatenate, lv } from "../contract/text/encoding.ts";

/** The side that types the code, and the side that shows it. */
export type Role = "initiator" | "responder";

/** An element of the group. */
export type Element = InstanceType<typeof ristretto255.Point>;

/** Both sides' shares and documents, in the order they are sent. */
export interface Transcript {
  readonly initiatorShare: Uint8Array;
  readonly initiatorDocument: Uint8Array;
  readonly responderShare: Uint8Array;
  readonly responderDocument: Uint8Array;
}

/** One side's input to a run. */
export interface RunInput {
  /** Six digits. */
  readonly code: string;
  /** As the TLS session proved them, never as the other side claims. */
  readonly fingerprints: Readonly<Record<Role, Fingerprint>>;
  /** The connection's TLS exporter, 32 bytes. */
  readonly sid: Uint8Array;
  /** Fresh and uniformly random, 64 bytes, used for this run alone. */
  readonly random64: Uint8Array;
  /** Protocol versions this side speaks, ascending. */
  readonly protocols: readonly number[];
}

/** The tag that one side sends, and the check of the tag that it must receive. */
export interface Confirmation {
  /** To send, 64 bytes. */
  readonly tag: Uint8Array;
  /**
   * Returns true for the tag of a side that knows the code. Compares in constant time; the bytes
   * of that tag are out of reach, so no other comparison can be written.
   */
  readonly accepts: (tag: Uint8Array) => boolean;
  /** The highest protocol version that both documents list. */
  readonly protocol: number;
}

/** One side's first message. */
export interface Opening {
  readonly share: Uint8Array;
  readonly document: Uint8Array;
}

/** An initiator that has sent its share. */
export interface Initiator extends Opening {
  /** Takes the responder's share and document. Refuses with {bad_request} {version_unsupported}. */
  finish(responderShare: Uint8Array, responderDocument: Uint8Array): Outcome<Confirmation>;
}

const domain = "CPaceRistretto255";
/** Input block of SHA-512: the password part of the generator string fills it. */
const blockBytes = 128;
const label = "peernet-pair-v1";

/** The generator that a password, the two identities and the session determine (`g`). */
export function generator(password: Uint8Array, identifiers: Uint8Array, sid: Uint8Array): Element {
  const padding = blockBytes - 1 - lv(password).length - lv(domain).length;
  const zeros = new Uint8Array(Math.max(0, padding));
  const digest = sha512(lv(domain, password, zeros, identifiers, sid));
  const element = ristretto255_hasher.deriveToCurve?.(digest);
  if (element === undefined) throw new PeernetError("internal");
  return element;
}

/** A scalar in 1 … order - 1 from 64 uniformly random bytes; its bias is below 2^-250. */
export function scalarFrom(random64: Uint8Array): bigint {
  if (random64.length !== 64) throw misuse("a scalar is made from 64 random bytes");
  const wide = BigInt(`0x${random64.toReversed().toHex()}`);
  return (wide % (ristretto255.Point.Fn.ORDER - 1n)) + 1n;
}

/** One side's public share (`Y`), 32 bytes. */
export const share = (base: Element, scalar: bigint): Uint8Array => base.multiply(scalar).toBytes();

/**
 * The secret both shares lead to (`K`), 32 bytes; null if the other side's share is not the
 * encoding of an element, or is the neutral one. Source: `scalar_mult_vfy`.
 */
export function sharedSecret(scalar: bigint, otherShare: Uint8Array): Uint8Array | null {
  const element = elementOf(otherShare);
  return element === null || element.is0() ? null : element.multiply(scalar).toBytes();
}

/** The intermediate session key (`ISK`), 64 bytes. */
export function sessionKey(
  run: Transcript & { readonly sid: Uint8Array; readonly secret: Uint8Array },
): Uint8Array {
  return sha512(
    lv(`${domain}_ISK`, run.sid, run.secret),
    lv(run.initiatorShare, run.initiatorDocument),
    lv(run.responderShare, run.responderDocument),
  );
}

/**
 * The tags that confirm the key. The draft's own carry no role, so that an initiator's, echoed,
 * passes for a responder's: here the role is part of what is authenticated.
 */
export function tagsOf(
  run: Transcript & { readonly sid: Uint8Array; readonly sessionKey: Uint8Array },
): Readonly<Record<Role, Uint8Array>> {
  const key = sha512(new TextEncoder().encode("CPaceMac"), run.sid, run.sessionKey);
  const tag = (role: Role, itsShare: Uint8Array, document: Uint8Array): Uint8Array =>
    bytesOf(
      createHmac("sha512", key)
        .update(lv(role, itsShare, document))
        .digest(),
    );
  return {
    initiator: tag("initiator", run.initiatorShare, run.initiatorDocument),
    responder: tag("responder", run.responderShare, run.responderDocument),
  };
}

/** The code as CPace's password (`PRS`): a PAKE leaves nothing to brute-force, so no slow hash. */
export const passwordOf = (code: string): Uint8Array => lv(label, code);

/** The two identities as CPace's channel identifier (`CI`). */
export const identifiersOf = (fingerprints: RunInput["fingerprints"]): Uint8Array =>
  lv(label, "initiator", fingerprints.initiator, "responder", fingerprints.responder);

/** A side's claims before it is trusted (`AD`): its role and versions, ascending. */
export const documentOf = (role: Role, protocols: readonly number[]): Uint8Array =>
  lv(role, protocols.join(","));

const versionList = /^[1-9][0-9]{0,3}(,[1-9][0-9]{0,3})*$/;

/**
 * Reads a document of the expected role; null unless its bytes are the only encoding of its
 * content.
 */
export function parseDocument(bytes: Uint8Array, expectedRole: Role): readonly number[] | null {
  // One byte of length after the role: the comparison below refuses any other byte.
  const versions = new TextDecoder().decode(bytes.subarray(lv(expectedRole).length + 1));
  if (!versionList.test(versions)) return null;
  const protocols = versions.split(",").map(Number);
  const ascending = protocols.every((version, at) => version > (protocols[at - 1] ?? 0));
  const canonical = documentOf(expectedRole, protocols);
  return ascending && equalInConstantTime(bytes, canonical) ? protocols : null;
}

/** Begins a run on the side that types the code. Refuses with {bad_request}: itself. */
export function beginInitiator(input: RunInput): Outcome<Initiator> {
  const own = begin("initiator", input);
  if (!own.ok) return own;
  const { scalar, ...opening } = own.value;
  return accept({
    ...opening,
    finish(responderShare, responderDocument) {
      const transcript = {
        initiatorShare: opening.share,
        initiatorDocument: opening.document,
        responderShare,
        responderDocument,
      };
      return confirm("initiator", transcript, { input, scalar });
    },
  });
}

/**
 * Answers a run on the side that shows the code.
 * Refuses with {bad_request} {version_unsupported}.
 */
export function respond(
  input: RunInput,
  initiatorShare: Uint8Array,
  initiatorDocument: Uint8Array,
): Outcome<Opening & Confirmation> {
  const own = begin("responder", input);
  if (!own.ok) return own;
  const { scalar, ...opening } = own.value;
  const transcript = {
    initiatorShare,
    initiatorDocument,
    responderShare: opening.share,
    responderDocument: opening.document,
  };
  const confirmed = confirm("responder", transcript, { input, scalar });
  return confirmed.ok ? accept({ ...opening, ...confirmed.value }) : confirmed;
}

/** True for equal bytes; the time taken does not reveal where they differ. */
const equalInConstantTime = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

function begin(role: Role, input: RunInput): Outcome<Opening & { readonly scalar: bigint }> {
  const { code, fingerprints, sid, random64, protocols } = input;
  if (sid.length !== 32) throw misuse("a run is bound to 32 bytes of the TLS exporter");
  if (fingerprints.initiator === fingerprints.responder) return refuse("bad_request", withItself);
  const scalar = scalarFrom(random64);
  const base = generator(passwordOf(code), identifiersOf(fingerprints), sid);
  return accept({ share: share(base, scalar), document: documentOf(role, protocols), scalar });
}

function confirm(
  role: Role,
  transcript: Transcript,
  { input, scalar }: { readonly input: RunInput; readonly scalar: bigint },
): Outcome<Confirmation> {
  const { initiatorShare, responderShare } = transcript;
  if (equalInConstantTime(initiatorShare, responderShare)) return refuse("bad_request", reflected);
  const initiators = parseDocument(transcript.initiatorDocument, "initiator");
  const responders = parseDocument(transcript.responderDocument, "responder");
  if (initiators === null || responders === null) return refuse("bad_request", badDocument);
  const protocol = initiators.findLast((version) => responders.includes(version));
  if (protocol === undefined) return refuse("version_unsupported");
  const secret = sharedSecret(scalar, role === "initiator" ? responderShare : initiatorShare);
  if (secret === null) return refuse("bad_request", badShare);
  const run = { ...transcript, sid: input.sid };
  const tags = tagsOf({ ...run, sessionKey: sessionKey({ ...run, secret }) });
  const expected = tags[role === "initiator" ? "responder" : "initiator"];
  const accepts = (tag: Uint8Array): boolean => equalInConstantTime(tag, expected);
  return accept({ tag: tags[role], accepts, protocol });
}

const withItself = {
  message: "a machine cannot pair with itself",
  hint: "run peernet pair --open on the other machine",
};
const reflected = {
  message: "the other end sent this machine's own share back",
  hint: "compare the fingerprints, then pair again",
};
const badShare = { message: "the share is not valid", hint: "update peernet on both machines" };
const badDocument = {
  message: "the pairing document is not valid",
  hint: "update peernet on both machines",
};

const misuse = (message: string): PeernetError => new PeernetError("internal", { message });

function elementOf(bytes: Uint8Array): Element | null {
  try {
    return ristretto255.Point.fromBytes(bytes);
  } catch {
    return null;
  }
}

const sha512 = (...parts: readonly Uint8Array[]): Uint8Array =>
  bytesOf(createHash("sha512").update(concatenate(parts)).digest());

/** A plain array of bytes, so that no Buffer leaves this file. */
const bytesOf = (buffer: Uint8Array): Uint8Array => new Uint8Array(buffer);
