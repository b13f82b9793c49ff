/**
 * Limits of deliveries to a peer, and of waits, each with its reason. Loads nothing, so that the
 * fast paths of the command line may import it.
 */

/** A peer's slots for control entries: a text never takes the slot of a receipt or an end. */
export const outboxControlMax = 512;
/** Text entries that wait for one peer: a week of a busy person's messages. */
export const outboxTextMax = 1_024;
/** Bytes of the text that waits for one peer: each entry at its largest. */
export const outboxPeerBytesMax = 16_777_216;
/** Text entries of one session that have not left: a looping session fills no peer's queue. */
export const outboxSessionMax = 128;
/** Bytes of the text that waits for all peers: sixteen full queues. */
export const outboxBytesMax = 268_435_456;
/** Bytes of a control entry: it names its subject, and holds no text. */
export const outboxControlBytesMax = 1_024;
/** Bytes of a text entry: its body fits a request beside the request's other fields. */
export const outboxEntryBytesMax = 61_440;
/** The lifetime of an entry: longer than a weekend, shorter than a holiday. */
export const outboxLifeMs = 604_800_000;
/** The pause after the first failed call; doubled each time, up to … */
export const outboxPauseMs = 1_000;
/** … this: the time between two hellos of a machine that is there. */
export const outboxPauseMsMax = 60_000;
/** Failures of the peer itself after which an entry is set aside, if they took … */
export const outboxFailuresMax = 8;
/** … at least this long: a full disk is emptied within it. Then it is tried once in this time. */
export const outboxStuckMs = 3_600_000;
/** Concurrent entries to one peer: asks keep the other connections. */
export const outboxCallsMax = 2;
/** The time limit of one entry's call. */
export const outboxCallMs = 10_000;
/** The largest age of an entry's content as it leaves; after a slow dial it is composed again. */
export const outboxFreshMs = 1_000;
/** Entries examined at a time for those that may leave. */
export const outboxLookedAt = 64;
/** The interval at which elapsed time is saved while a wait or an entry depends on it. */
export const elapsedMarkMs = 600_000;
/** The longest time off that the wall clock is believed: it may be wrong by any amount. */
export const elapsedOffMsMax = 86_400_000;

/** Concurrent waits of one peer, including reached ones that it has not learned of. */
export const waitsMax = 16;
/** The longest wait. */
export const waitMsMax = 86_400_000;
/** The default length of a wait. */
export const waitMs = 1_800_000;
/** The interval at which the asking machine repeats an open wait. */
export const waitRepeatMs = 120_000;
/** A wait that was not repeated for this long has ended: two repeats may be lost. */
export const waitSilenceMs = 300_000;
/**
 * The time within which a lease that expired during sleep is taken again; after it the lease is
 * gone.
 */
export const waitGoneMs = 10_000;
/** The time limit of a model's call: some clients give up after a minute. */
export const waitCallMs = 50_000;
/** The time after which a wait without a listener ends, following a restart of the daemon. */
export const waitReturnMs = 60_000;
/** The largest age of an ask from whose facts a wait begins. */
export const waitSinceMs = 600_000;
