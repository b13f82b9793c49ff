/**
 * One link, one tab: a secret that is exchanged once for a bearer, and the lifetime of both. Knows
 * no request; refuses a second exchange even with the right secret.
 */

import { secretBytes } from "../contract/limits.ts";
import { base64url } from "../contract/text/encoding.ts";
import type { Random, Timers } from "../platform/effects.ts";
import { isSameSecret } from "../platform/network/loopback.ts";
import { type Presence, presenceOf, type SessionEnd } from "./presence.ts";

/** The outcome of offering a secret. */
export type Exchanged = { readonly bearer: string } | "used" | "wrong";

/** The session of one tab. */
export interface Session {
  /** The part of the link after the `#`. */
  readonly secret: string;
  /** Resolves to true once the secret was exchanged, to false when it never will be. */
  readonly opened: Promise<boolean>;
  readonly ended: Promise<SessionEnd>;
  exchange(offered: string): Exchanged;
  /** True when an Authorization header is this session's. */
  admits(authorization: string | null): boolean;
  readonly presence: Pick<Presence, "enter" | "comeBack" | "leave">;
  end(why: SessionEnd): void;
}

/** Dependencies of a session. */
export interface SessionParts {
  readonly random: Random;
  readonly timers: Timers;
}

/** Makes a session whose link is still unused. */
export function createSession({ random, timers }: SessionParts): Session {
  const secret = base64url(random.bytes(secretBytes));
  const opened = Promise.withResolvers<boolean>();
  const ended = Promise.withResolvers<SessionEnd>();
  let state: "new" | "used" | "over" = "new";
  let bearer: string | null = null;
  const end = (why: SessionEnd): void => {
    presence.cancel();
    if (state === "new") state = "over";
    bearer = null;
    opened.resolve(false);
    ended.resolve(why);
  };
  const presence = presenceOf(timers, end);
  return {
    secret,
    opened: opened.promise,
    ended: ended.promise,
    end,
    exchange: (offered) => {
      if (!isSameSecret(offered, secret) || state === "over") return "wrong";
      if (state === "used") return "used";
      state = "used";
      bearer = base64url(random.bytes(secretBytes));
      opened.resolve(true);
      presence.begin();
      return { bearer };
    },
    admits: (authorization) =>
      bearer !== null && isSameSecret(authorization ?? "", `Bearer ${bearer}`),
    presence,
  };
}
