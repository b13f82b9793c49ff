/** The limits of readings, with their units in the name and their reasons beside them. */

/** A file of more is data, not source. */
export const readFileBytesMax = 1_048_576;
/**
 * Bytes of content in one reply, as JSON encodes it: a reply has 64 KiB, and its other fields are
 * under 8 KiB.
 */
export const readReplyBytesMax = 49_152;
/** Lines of a file in one reply. */
export const readLinesMax = 2_000;
/** Characters of a line in a search; a longer line is cut. */
export const searchLineCharactersMax = 400;
/** A longer line is not tried: a pattern's cost grows with it. */
export const searchTriedCharactersMax = 2_000;
/** Matches in one reply. */
export const searchMatchesMax = 500;
/** Lines of context around a match. */
export const searchContextMax = 10;
/** Paths in one reply. */
export const listedPathsMax = 2_000;
/** Files and folders of a commit: the largest public repositories have 400,000. */
export const treeEntriesMax = 500_000;
/** Bytes of one folder's record: half a million names of a hundred bytes. */
export const treeBytesMax = 67_108_864;
/** Levels of folders. */
export const treeDepthMax = 256;
/** Bytes that one search reads. */
export const searchBytesMax = 536_870_912;
/** The time of one operation, by the reader's own watch, in ms. */
export const operationMs = 4_000;
/** The time after which the keeper ends a reader that does not answer: it may be in a pattern. */
export const operationKilledMs = 6_000;
/** The time of opening: the largest trees take two seconds. */
export const openMs = 6_000;
/** A pattern that takes longer on one line is too expensive, and its answer may be wrong. */
export const patternLineMs = 100;
/** Characters of a pattern, a path, and a cursor. */
export const patternCharactersMax = 512;
export const readPathBytesMax = 4_096;
/** A reader without an operation ends after ten minutes. */
export const readerIdleMs = 600_000;
/** Repositories in one list, which a message holds with their refs. */
export const listedRepositoriesMax = 64;
/** Refs of a repository in that list. */
export const listedRefsMax = 8;
/** All of that list as JSON, so that a body holds it however long its patterns are. */
export const listedBytesMax = 61_440;
/** Readers at once, in all and of one peer: each takes some 100 MiB. */
export const readersMax = 4;
export const readersOfPeerMax = 2;
/** Memory that git may allocate inside a reader, in bytes. */
export const readerGitBytesMax = 536_870_912;
/** Commits that are looked through for one that a rule's history admits. */
export const historyCommitsMax = 100_000;
/** Characters of a tool's result for a model. */
export const readToolCharactersMax = 9_000;
