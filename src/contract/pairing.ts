/** Messages of pairing: the control side that a person uses, and the wire side. */

import { z } from "zod";
import { OriginRefusal } from "./discovery.ts";
import { BothGrants } from "./grants.ts";
import { attemptsMax, tokenBytesMax } from "./limits.ts";
import { NamedBy } from "./peer.ts";
import {
  Address,
  Base64url,
  Duration,
  Fingerprint,
  Instant,
  IpAddress,
  Name,
  Names,
  PairingCode,
  Port,
  Scopes,
  Token,
  ToldScopes,
} from "./terms.ts";

/** A newly paired peer, and the rights of each side. */
export const PairedPeer = z.object({
  name: Name,
  fingerprint: Fingerprint,
  address: z.string().nullable(),
  grants: BothGrants,
  /** The machine's own name for itself, when it could not be used unchanged. */
  told_name: Name.nullable(),
  /** A peer of another fingerprint whose name looks or is the same. */
  look_alike: z.object({ name: Name, fingerprint: Fingerprint }).nullable(),
  /** The key that recently had the proposed name, when that alone keeps the name from this one. */
  former: Fingerprint.nullable().optional(),
  /** The chooser of the name: a person here, or the machine itself. */
  named_by: NamedBy.optional(),
  /** True when the tailnet shows it as a machine of the same user as this one. */
  yours: z.boolean().optional(),
});
export type PairedPeer = z.infer<typeof PairedPeer>;

/** Two machines are paired. */
export const Paired = z.object({
  event: z.literal("paired"),
  peer: PairedPeer,
  /** Live handles of this machine that the peer may ask about. */
  visible: Names,
});

export type Paired = z.infer<typeof Paired>;

export const OpenInput = z.object({
  grant: Scopes,
  /**
   * The only source that may pair; every other source learns that no window is open, at no cost.
   */
  from: IpAddress.nullable(),
  /** True to admit tailnet machines of another user, shared or tagged. */
  any_user: z.boolean().default(false),
});

/** The events for the person who opened a window; the last three end it. */
export const OpenEvent = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("opened"),
    code: z.string(),
    expires_at_ms: Instant,
    expires_in_ms: Duration,
    addresses: z.array(z.string()),
    fingerprint: Fingerprint,
  }),
  z.object({
    event: z.literal("attempt_failed"),
    from: z.string(),
    attempts_left: z.int().min(0).max(attemptsMax),
  }),
  /** An unconfirmed run gave way to a newer one. */
  z.object({ event: z.literal("evicted"), from: z.string() }),
  /** A tailnet machine was refused an attempt, and learned nothing about the window. */
  z.object({
    event: z.literal("origin_refused"),
    from: z.string(),
    login: z.string().nullable(),
    reason: OriginRefusal,
  }),
  /** The right code came; the other machine has sent nothing since. */
  z.object({ event: z.literal("unacknowledged"), from: z.string(), fingerprint: Fingerprint }),
  Paired,
  z.object({ event: z.literal("burned"), from: z.array(z.string()) }),
  z.object({ event: z.literal("expired") }),
  /** Another window was opened on this machine, or the daemon stopped. */
  z.object({ event: z.literal("closed") }),
]);
export type OpenEvent = z.infer<typeof OpenEvent>;

export const ProbeInput = z.object({ to: Address });
export const ProbeOutput = z.object({
  address: z.string(),
  fingerprint: Fingerprint,
  open: z.boolean(),
  /** The present peer with this fingerprint. */
  paired: Name.nullable(),
});

export const PairInput = z.object({
  code: PairingCode,
  to: Address,
  /** The fingerprint that a probe showed to the person: no other machine gets the confirm. */
  fingerprint: Fingerprint,
  grant: Scopes,
});
export const PairOutput = Paired;

/** `Y` and the associated data of one side. */
export const Share = z.object({ share: Base64url.length(43), document: Base64url.max(1_024) });
export const Confirm = z.object({ tag: Base64url.length(86) });

/** A machine's description of itself, sent once the tags hold. */
export const About = z.object({
  name: Name,
  port: Port.nullable(),
  /** Ed25519 public key of its checkpoints' signatures, base64url. */
  token_key: Base64url.length(43),
  /** The rights of the other side here. */
  scopes: ToldScopes,
});
export type About = z.infer<typeof About>;

export const ConfirmOutput = z.object({
  tag: Base64url.length(86),
  token: Token,
  about: About,
});

export const TokenInput = z.object({ token: Token.max(tokenBytesMax), about: About });
export const TokenOutput = z.object({ token: Token.max(tokenBytesMax), about: About });
