/** Judges the webhooks of this machine by their last attempts. */

import type { Check } from "../../contract/doctor.ts";

/** A webhook, and its last attempt. */
export interface WebhookSeen {
  readonly url: string;
  /** The reason why it failed; null when it succeeded, or before the first. */
  readonly why: string | null;
  /** The status of the program's answer. */
  readonly status: number | null;
  readonly waiting: number;
  /** Events that left without being taken. */
  readonly lost: number;
  readonly tried: boolean;
}

/** One check for each webhook that was tried. */
export const webhookChecks = (seen: readonly WebhookSeen[]): readonly Check[] =>
  seen.filter(({ tried }) => tried).map(checkOf);

function checkOf({ url, why, status, waiting, lost }: WebhookSeen): Check {
  const name = "webhook";
  const gone = lost === 0 ? "" : `; ${lost} were given up`;
  if (why === null) {
    return { name, state: "ok", detail: `${url} took the last event${gone}`, fix: null };
  }
  const known = Object.entries(reasons).find(([reason]) => reason === why);
  const [said, fix] = known?.[1] ?? reasons.unreached;
  const answered = status === null ? said : `${said} ${status}`;
  const left = `${waiting} ${waiting === 1 ? "event waits" : "events wait"}${gone}`;
  return { name, state: "warning", detail: `${url}: ${answered}; ${left}`, fix };
}

const reasons = {
  unreached: ["nothing answers there", "start that program, or take the webhook out"],
  unsafe: ["the socket is not this user's alone", "put it in a folder of yours with mode 0700"],
  not_ours: [
    "another user's program listens at that port",
    "end it, or give the webhook another port",
  ],
  unproven: [
    "the program did not prove that it knows the secret",
    "let it answer the challenge, as docs/webhooks.md says",
  ],
  secret: [
    "its secret_file holds no secret that is this user's alone",
    "write whsec_ and the base64 of 32 random bytes there, mode 0600",
  ],
  refused: ["the program answered", "look at what that program logs"],
  no_keeper: ["no keeper runs", "peernet start"],
} as const satisfies Readonly<Record<string, readonly [detail: string, fix: string]>>;
