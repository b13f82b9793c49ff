/** Made-up mail of a machine, as the daemon shows it. */

import type { ShownMessage } from "../../src/contract/messages/inbox.ts";
import type { ReceiptsOutput } from "../../src/contract/messages/sending.ts";

/** A message with its text, and the stages that are proven of it. */
export interface MadeMessage {
  readonly shown: ShownMessage;
  readonly text: string;
  readonly stages: ReceiptsOutput["stages"];
}

const beganMs = Date.UTC(2026, 10, 30, 9, 12, 4);

/** A message; ages count from the newest. */
export function message(at: number, given: Partial<ShownMessage> & { text: string }): MadeMessage {
  const { text, ...fields } = given;
  const message_id = `0199c3f0-7a6e-7c11-9b1f-${String(at).padStart(12, "0")}`;
  const shown: ShownMessage = {
    message_id,
    thread_id: message_id,
    reply_to: null,
    direction: "in",
    peer: "mini",
    from: "mini/hydrate",
    to: "laptop",
    mailbox: null,
    by: "session",
    topic: null,
    age_ms: Math.max(0, 600_000 - at * 60_000),
    at_ms: beganMs + at * 60_000,
    stage: "stored",
    reason: null,
    unread: false,
    quiet: false,
    excerpt: text.split("\n")[0] ?? "",
    expires_in_ms: 500_000_000,
    ...fields,
  };
  const reached = {
    queued: 0,
    held: 1,
    stored: 1,
    announced: 2,
    handed: 3,
    surfaced: 4,
    answered: 5,
  };
  const names = ["queued", "stored", "announced", "handed", "surfaced", "answered"] as const;
  const count = shown.stage in reached ? reached[shown.stage as keyof typeof reached] : 0;
  const stages = names.slice(0, count + 1).map((stage, step) => ({
    stage,
    reason: null,
    at_ms: shown.at_ms + step * 1_500,
    evidence: "receipt 1",
  }));
  return { shown, text, stages };
}

/** Two conversations of the person, one of a session, and a held message. */
export const someMail: readonly MadeMessage[] = [
  message(1, { ...sent("mini/hydrate"), stage: "answered", text: "Is the schema final?" }),
  message(2, { text: "Yes, since 91c0d7e. Migration 14 is the last.\nTests are green on both." }),
  message(3, {
    ...sent("mini/hydrate"),
    stage: "surfaced",
    text: "Auth module is ready for review: branch auth-2",
  }),
  message(4, {
    from: "server",
    peer: "server",
    by: "person",
    unread: true,
    text: "Registry moves tonight",
  }),
  message(5, {
    from: "studio/api",
    peer: "studio",
    to: "laptop/web",
    mailbox: "web",
    stage: "announced",
    unread: true,
    text: "The endpoint /v2/sync answers 429 since 09:00",
  }),
  message(6, {
    ...sent("server/api"),
    peer: "server",
    stage: "queued",
    text: "Rebasing main in 5 minutes",
  }),
  message(7, {
    from: "bob/api",
    peer: "bob",
    to: "laptop/web",
    mailbox: "web",
    stage: "held",
    expires_in_ms: 80_000_000,
    text: "Could you rerun the importer?\nIt stopped at batch 41.",
  }),
];

function sent(to: string): Partial<ShownMessage> {
  return { direction: "out", from: "laptop", to, by: "person" };
}
