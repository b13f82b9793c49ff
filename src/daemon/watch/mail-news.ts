/**
 * Tells a person of mail: notes it for their next command, and shows a desktop notification if the
 * settings ask for one, at most one a minute. Looks only after a change of the mail.
 */

import { notifyEveryMs, notifyLookMs } from "../../contract/errands/limits.ts";
import {
  noUnseenMail,
  type UnseenMail,
  unseenMailName,
  unseenMailOf,
  withMail,
} from "../../contract/messages/unseen.ts";
import {
  countsOf,
  isForPerson,
  mailNotification,
  newsKey,
  refusedTo,
} from "../../core/messages/news.ts";
import type { Cancel } from "../../platform/effects.ts";
import type { Context } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { Errands } from "../context/ports.ts";
import type { NotificationLimit } from "./notifications.ts";

/** Dependencies of telling a person of mail. */
export interface MailNewsParts {
  readonly context: Context;
  readonly errands: Errands;
  readonly limit: NotificationLimit;
}

/** The largest number of waiting messages that are examined. */
const lookedAtMax = 500;

interface Progress {
  /** The mail that was told, or that waited when the daemon started. */
  known: ReadonlySet<string>;
  changes: number;
  /** The last record that was examined for refused messages. */
  seq: number;
  /** Mail without a notification so far. */
  unshown: UnseenMail;
  cancel: Cancel | null;
}

/** Tells a person of mail until it is cancelled. */
export function tellOfMail(parts: MailNewsParts): Cancel {
  const { effects, events, tables } = parts.context;
  const { timers, log } = effects;
  const progress: Progress = {
    known: new Set(waitingIn(parts).map(newsKey)),
    changes: tables.messages.changes(),
    seq: tables.audit.head().seq,
    unshown: noUnseenMail,
    cancel: null,
  };
  const lookIn = (ms: number): void => {
    progress.cancel ??= timers.after(ms, () => {
      progress.cancel = null;
      detach(log, "telling of mail", () => {
        const restMs = look(parts, progress);
        if (restMs !== null) lookIn(restMs);
      });
    });
  };
  const leave = events.listen((item) => {
    if (item.of !== "commit") return;
    if (item.recorded || tables.messages.changes() !== progress.changes) lookIn(notifyLookMs);
  });
  return () => {
    leave();
    progress.cancel?.();
  };
}

const waitingIn = ({ context }: MailNewsParts) =>
  context.tables.messages.list({ all: false, limit: lookedAtMax }).filter(isForPerson);

/** Notes new mail, and shows it if that is allowed now; else returns the ms until it is. */
function look(parts: MailNewsParts, progress: Progress): number | null {
  const { context } = parts;
  noteRefused(context, progress);
  if (context.tables.messages.changes() === progress.changes) return shown(parts, progress);
  progress.changes = context.tables.messages.changes();
  const waiting = waitingIn(parts);
  const begun = waiting.filter((message) => !progress.known.has(newsKey(message)));
  progress.known = new Set(waiting.map(newsKey));
  if (begun.length > 0) {
    const counts = countsOf(begun);
    progress.unshown = withMail(progress.unshown, counts);
    noteForCommand(context, counts);
  }
  return shown(parts, progress);
}

/** Notes the machines to which a model here tried to write, and may not. */
function noteRefused(context: Context, progress: Progress): void {
  const { audit } = context.tables;
  const records = audit.next({ afterSeq: progress.seq, all: true }, lookedAtMax);
  progress.seq = records.at(-1)?.seq ?? progress.seq;
  const refused = refusedTo(records);
  if (refused.length > 0) noteForCommand(context, { ...noUnseenMail, refused });
}

function noteForCommand({ effects }: Context, counts: UnseenMail): void {
  const { files, log } = effects;
  try {
    const noted = unseenMailOf(files.read(unseenMailName) ?? "") ?? noUnseenMail;
    files.write(unseenMailName, `${JSON.stringify(withMail(noted, counts))}\n`);
  } catch {
    // The mail is in the inbox all the same.
    log.error("mail_not_noted", {});
  }
}

function shown({ context, errands, limit }: MailNewsParts, progress: Progress): number | null {
  const { clock, log } = context.effects;
  if (!context.config.notify.desktop) return null;
  if (progress.unshown.held + progress.unshown.person === 0) return null;
  const restMs = limit.nextMs - clock.monotonicMs();
  if (restMs > 0) return restMs;
  limit.nextMs = clock.monotonicMs() + notifyEveryMs;
  const peers = context.tables.peers.all();
  const named = peers.filter(({ named_by }) => named_by === "person").map(({ name }) => name);
  const input = mailNotification(progress.unshown, new Set(named));
  progress.unshown = noUnseenMail;
  detach(log, "a notification", async () => {
    const ended = await errands.run({ kind: "notify", input });
    if (!ended.done) log.warn("notification_failed", { why: ended.why });
  });
  return null;
}
