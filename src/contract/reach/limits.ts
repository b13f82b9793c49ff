/**
 * Bounds of what must reach a peer, and of waits, each with its reason beside it.
 * Loads nothing, so that the fast paths of the command line may import it.
 */

/** Places of a peer for control entries: a text never takes the place of a receipt or an end. */
export const outboxControlMax = 512;
/** Text entries that wait for one peer: a week of a busy person's messages. */
export const outboxTextMax = 1_024;
/** Bytes of the text that waits for one peer: each entry at its largest. */
export const outboxPeerBytesMax = 16_777_216;
/** Text entries of one session that have not left: a session that loops fills no peer's queue. */
export const outboxSessionMax = 128;
/** Bytes of the text that waits for all peers: sixteen full queues. */
export const outboxBytesMax = 268_435_456;
/** Bytes of a control entry: it names what to tell about, and holds no text. */
export const outboxControlBytesMax = 1_024;
/** Bytes of a text entry: its body fits a request beside the request's other fields. */
export const outboxEntryBytesMax = 61_440;
/** An entry waits so long: a holiday's absence of a laptop is longer, a weekend's is not. */
export const outboxLifeMs = 604_800_000;
/** The pause after the first call that came to nothing; doubled each time, up to … */
export const outboxPauseMs = 1_000;
/** … this: the time between two hellos of a machine that is there. */
export const outboxPauseMsMax = 60_000;
/** Failures of the peer itself after which an entry is set aside, if they took … */
export const outboxFailuresMax = 8;
/** … at least so long: a full disk is emptied within it. Then it is tried once in so long. */
export const outboxStuckMs = 3_600_000;
/** Entries under way to one peer at once: the other connections are left to those who ask. */
export const outboxCallsMax = 2;
/** The time that one entry's call may take. */
export const outboxCallMs = 10_000;
/** Entries that are looked through at a time for those that may leave. */
export const outboxLookedAt = 64;
/** Elapsed time is written down this often while something waits by it. */
export const elapsedMarkMs = 600_000;
/** The most that the wall clock may say a machine was off: it may be wrong by any time. */
export const elapsedOffMsMax = 86_400_000;

/** Waits of one peer at once, reached ones that it has not been told of among them. */
export const waitsMax = 16;
/** The longest wait. */
export const waitMsMax = 86_400_000;
/** The time that a wait goes on unless another is given. */
export const waitMs = 1_800_000;
/** The asking machine repeats an open wait this often. */
export const waitRepeatMs = 120_000;
/** A wait that was not repeated for so long has ended: two repeats may be lost. */
export const waitSilenceMs = 300_000;
/** A lease that expired while its machine slept is taken again within this; then it is gone. */
export const waitGoneMs = 10_000;
/** A model's call is answered within this: some clients give up after a minute. */
export const waitCallMs = 50_000;
/** A wait that nobody listens to after a restart of the daemon ends after this. */
export const waitReturnMs = 60_000;
/** A wait begins from the facts of an ask that is no older. */
export const waitSinceMs = 600_000;
