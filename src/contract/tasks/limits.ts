/**
 * The limits of tasks, with their units in the name and their reasons beside them. Loads nothing.
 */

/** A prompt longer than this is a document: it belongs into the repository. */
export const promptBytesMax = 16_384;
/** The whole task document as it crosses: the prompt, escaped, and its small fields. */
export const documentBytesMax = 24_576;
/** Claims of a runner that travel with the end of a task; the whole ones are in its blob. */
export const claimBytesMax = 8_192;
/** Random bytes that hide a short prompt behind its digest. */
export const taskSaltBytes = 16;
/** Delegations before this one: a task never delegates. */
export const taskHopsMax = 1;
/** A task's default wall time. */
export const wallMsDefault = 900_000;
/** A runner that writes nothing for this long is ended. */
export const idleMs = 300_000;
/** Bytes of a runner's output that are kept; a runner that writes more is ended. */
export const outputBytesMax = 16_777_216;
/** A longer line is stored, and never parsed. */
export const lineBytesMax = 1_048_576;
/** Resident bytes of all processes of a task. */
export const memoryBytesMax = 4_294_967_296;
/** Free bytes of the disk below which a task is ended. */
export const diskFloorBytes = 1_073_741_824;
/** Bytes that a task's tree and home may hold. */
export const taskDiskBytesMax = 2_147_483_648;
/** Processes of a task. */
export const processesMax = 512;
/** From the request to the kill. */
export const graceMs = 2_000;
/** A revoked task is stopped within this. */
export const stopMs = 1_000;
/** Bytes of a bundle, either way. */
export const bundleBytesMax = 67_108_864;
/** Files that a result may change. */
export const resultFilesMax = 5_000;
/** Bytes of the whole result document. */
export const resultBytesMax = 1_048_576;
/** Bytes of one piece of a blob: with base64 and its fields below a request's limit. */
export const pieceBytesMax = 45_056;
/** Bytes of the blobs of one peer, and of all. */
export const blobsOfPeerBytesMax = 268_435_456;
export const blobsBytesMax = 2_147_483_648;
/** Tasks that run at once here, and of one peer. */
export const runningMax = 2;
export const runningOfPeerMax = 1;
/** Tasks of one peer that wait. */
export const waitingOfPeerMax = 16;
/** Tasks of one list. */
export const listedTasksMax = 200;
/** A held task is refused after a day. */
export const heldTaskMs = 86_400_000;
/** A result stays this long for the asker. */
export const taskKeptMs = 1_209_600_000;
/** States of one task that are shown: each round has some ten. */
export const statesMax = 512;
/** Rounds of one task. */
export const roundsMax = 32;
/** The keeper looks at a folder for at most this long before it answers that nothing changed. */
export const taskAwaitMs = 20_000;
/** The time of an errand that runs git over a whole repository. */
export const taskGitMs = 120_000;
/** The time of an errand that tries the walls, a runner's version and its credential. */
export const taskWeighMs = 20_000;
/** The time of an errand that moves one piece. */
export const taskPieceMs = 10_000;
/** `--follow` asks for more of the log once in this time. */
export const followMs = 1_000;
/** Tasks of a rule in a day, unless it says more. */
export const perDayDefault = 50;
/** The length of that day. */
export const taskDayMs = 86_400_000;
/** The time of a submission: the other machine tries its walls, its runner and its repository. */
export const submitDeadlineMs = 30_000;
/** The time of any other call about a task. */
export const taskCallMs = 10_000;
