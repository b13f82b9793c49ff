/**
 * One link, one tab: a secret that is exchanged once for a bearer, and how long both are good.
 * Knows no request; refuses a second exchange, though the secret is right.
 */

import { base64url } from "../contract/encoding.ts";
import { secretBytes, secretLifeMs, sessionIdleMs } from "../contract/limits.ts";
import type { Cancel, Random, Timers } from "../platform/effects.ts";
import { isSameSecret } from "../platform/loopback.ts";

/** Why a session is over: its link was never used, or its tab is gone. */
export type SessionEnd = "unused" | "left" | "closed";

/** What came of a secret that was offered. */
export type Exchanged = { readonly bearer: string } | "used" | "wrong";

/** The session of one tab. */
export interface Session {
  /** What stands in the link, behind the `#`. */
  readonly secret: string;
  /** Resolves to true once the secret was exchanged, to false when it never will be. */
  readonly opened: Promise<boolean>;
  readonly ended: Promise<SessionEnd>;
  exchange(offered: string): Exchanged;
  /** Whether an Authorization header is this session's. */
  admits(authorization: string | null): boolean;
  /** Notes that the tab is there, until what is returned is called. */
  enter(): () => void;
  end(why: SessionEnd): void;
}

/** A session whose link was not used yet. */
export function createSession(parts: {
  readonly random: Random;
  readonly timers: Timers;
}): Session {
  const { random, timers } = parts;
  const secret = base64url(random.bytes(secretBytes));
  const opened = Promise.withResolvers<boolean>();
  const ended = Promise.withResolvers<SessionEnd>();
  let bearer: string | null = null;
  let present = 0;
  const end = (why: SessionEnd): void => {
    cancel();
    isOver = true;
    bearer = null;
    opened.resolve(false);
    ended.resolve(why);
  };
  let cancel: Cancel = timers.after(secretLifeMs, () => end("unused"));
  let isUsed = false;
  let isOver = false;
  const idle = (): void => {
    cancel();
    if (present === 0) cancel = timers.after(sessionIdleMs, () => end("left"));
  };
  return {
    secret,
    opened: opened.promise,
    ended: ended.promise,
    end,
    exchange: (offered) => {
      if (!isSameSecret(offered, secret)) return "wrong";
      if (isUsed) return "used";
      if (isOver) return "wrong";
      isUsed = true;
      bearer = base64url(random.bytes(secretBytes));
      opened.resolve(true);
      idle();
      return { bearer };
    },
    admits: (authorization) =>
      bearer !== null && isSameSecret(authorization ?? "", `Bearer ${bearer}`),
    enter: () => {
      present += 1;
      cancel();
      let isThere = true;
      return () => {
        if (!isThere) return;
        isThere = false;
        present -= 1;
        if (bearer !== null) idle();
      };
    },
  };
}
