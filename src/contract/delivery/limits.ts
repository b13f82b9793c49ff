/**
 * The limits of telling sessions of mail, with their units in the name and their reasons beside
 * them. Loads nothing.
 */

/** A session that was killed leaves a handover behind that is judged when it comes back. */
export const handoversMax = 4_096;
/** Claude Code writes its record a moment after it ends a turn: 0.4 s late on a busy machine. */
export const doubtMs = 2_000;
/** A client that is killed loses the last moments of its record, and of what it had surfaced. */
export const judgedAgainMs = 60_000;
/** A wake leads to a prompt within 0.3 s; without one it is tried again after this time. */
export const wakeRetryMs = 10_000;
/** Tries of one wake; a session that answers none of them is not woken before its next event. */
export const wakeTriesMax = 3;
/** Tries to search a record while no keeper answers. */
export const searchTriesMax = 6;
/** The time after which a search without an answer is tried again. */
export const searchRetryMs = 5_000;
/** Bytes of a client's record that are searched; a turn adds far less. */
export const recordBytesMax = 8_388_608;
/** The keeper reads 8 MiB in milliseconds; a slow disk takes longer. */
export const searchDeadlineMs = 10_000;
/** `codex queue` ends in 0.1 s. */
export const queueDeadlineMs = 10_000;
/** Names of machines in a notice; the others are a number. */
export const noticeNamesMax = 4;
/** Bytes of everything that a hook prints: some clients put more into a file for all to read. */
export const hookOutputBytesMax = 2_048;
/** Nonces in one result of a tool: it holds one handover's. */
export const noncesMax = 4;
/** Tries of a new waker while its session takes a handle, which its other hook does meanwhile. */
export const wakerTriesMax = 8;
/** The pause between them. */
export const wakerPauseMs = 250;
/** Seconds for which a client lets a waker wait: a week. */
export const wakerPatienceS = 604_800;
