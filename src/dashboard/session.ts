/**
 * One link, one tab: a secret that is exchanged once for a bearer, and the lifetime of both. Knows
 * no request; refuses a second exchange even with the right secret.
 */

import { secretBytes, secretLifeMs, sessionIdleMs } from "../contract/limits.ts";
import { base64url } from "../contract/text/encoding.ts";
import type { Cancel, Random, Timers } from "../platform/effects.ts";
import { isSameSecret } from "../platform/network/loopback.ts";

/**
 * The reason for a session's end: its link was never used, its tab is gone, or the server ended it.
 */
export type SessionEnd = "unused" | "left" | "closed";

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
  /** Notes that the tab is present, until the returned function is called. */
  enter(): () => void;
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
  const presence = waiting(timers, end);
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
    enter: presence.enter,
  };
}

/** Waits for the use of a link, and then for its tab to be gone. */
function waiting(timers: Timers, end: (why: SessionEnd) => void) {
  let present = 0;
  let cancel: Cancel = timers.after(secretLifeMs, () => end("unused"));
  let isOver = false;
  const begin = (): void => {
    cancel();
    if (present > 0 || isOver) return;
    cancel = timers.after(sessionIdleMs, () => end("left"));
  };
  return {
    begin,
    enter: (): (() => void) => {
      present += 1;
      cancel();
      let isThere = true;
      return () => {
        if (!isThere) return;
        isThere = false;
        present -= 1;
        begin();
      };
    },
    cancel: (): void => {
      isOver = true;
      cancel();
    },
  };
}
