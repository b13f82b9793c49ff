/**
 * Limits of messages, each with its reason. Loads nothing, so that the fast paths of the command
 * line may import it.
 */

/** Bytes of a message's text: the tool that gives it to a model stays below every client's cut. */
export const messageBytesMax = 8_192;
/** A person learns at most once in this time that others can read the words of a command. */
export const typedNotedMs = 86_400_000;
/** Random bytes that hide a short text behind its digest. */
export const saltBytes = 16;
/** The lifetime of a message that nobody read: longer than a weekend, shorter than a holiday. */
export const messageLifeMs = 604_800_000;
/** A message held for a person is given up after a day. */
export const heldLifeMs = 86_400_000;
/** A message that was read, refused or expired stays this long for the person's lists. */
export const messageKeptMs = 30 * 86_400_000;
/** An id stays known this long after its message: a restored sender repeats no text. */
export const tombstoneMs = 90 * 86_400_000;
/** A reply to a message of this machine needs no grant for this long. */
export const replyWithoutGrantMs = 604_800_000;
/** A handle stays known to a peer this long after it was last live. */
export const nameKnownMs = 604_800_000;
/** The precision of that: a live handle is noted again after this long. */
export const nameNotedMs = 600_000;

/** Unread messages of one mailbox: more than a session reads in a day. */
export const mailboxMax = 200;
/** Unread messages of this machine, of all mailboxes. */
export const mailboxesMax = 2_000;
/** Messages that a handle takes without a person's act; further ones are quiet. */
export const messagesAlone = 48;
/** Wakes of a handle without a person's act. */
export const wakesAlone = 12;
/** Messages of one thread in an hour without a person's act; further ones are quiet. */
export const threadAlone = 24;
/** The time between two wakes of a handle: a turn of a model takes about as long. */
export const wakeGapMs = 20_000;
/** Wakes of a handle in an hour. */
export const wakesPerHour = 6;
/** The hour of these budgets. */
export const budgetHourMs = 3_600_000;
/** Answers to answers without a person's act; a further one is refused. */
export const hopsMax = 6;

/** Characters that one reading by a model receives: Codex cuts a tool's result above 12,000. */
export const readCharactersMax = 9_000;
/** Messages of one reading: a model answers few at once. */
export const readMessagesMax = 20;
/** Characters of a message's first line in a list. */
export const excerptCharactersMax = 200;
/** Receipts of one call. */
export const receiptsMax = 64;
/** Messages of one list; `inbox show` finds each of the others. */
export const inboxListedMax = 500;
/** A message that was read or ended stays this long in the list that shows what is new. */
export const inboxRecentMs = 86_400_000;
/** Handles that one `send` to a machine or to all machines reaches. */
export const recipientsMax = 256;
/** The time that a sending daemon waits for the peer's answer before it reports `queued`. */
export const sendPatienceMs = 1_500;
/** The default deadline of `send --wait`. */
export const sendWaitMs = 120_000;
/** The longest deadline of `send --wait`. */
export const sendWaitMsMax = 86_400_000;
