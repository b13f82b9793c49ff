/**
 * Every bound peernet keeps, with its unit in the name and its reason beside it.
 * Loads nothing, so that the fast paths of the command line may import it.
 */

/** Digits of a pairing code: one million codes, three attempts, 3 in 10⁶ per window. */
export const codeDigits = 6;
/** A window lives long enough to walk to the other machine, not to be forgotten open. */
export const windowLifeMs = 120_000;
/** Refused confirms that burn a window: one slip, one slip of the other hand, no more. */
export const attemptsMax = 3;
/**
 * Pairing runs held between share and confirm: as many as there are places for unknown
 * connections. With eight, an attacker on many addresses evicted the right code before a network
 * of 40 ms had carried its confirm, 14 times of 14; with these never.
 */
export const exchangesMax = 128;
/** A run that has not confirmed by then is dropped: a person is not part of a run. */
export const exchangeLifeMs = 10_000;
/** How long a joiner may take over one pairing, whatever the other end does. */
export const pairDeadlineMs = 10_000;
/** After this without the joiner's first request, a pairing is told as unacknowledged. */
export const acknowledgeMs = 10_000;

/** A lease is renewed this often. */
export const heartbeatMs = 30_000;
/** A lease silent for this long is expired: one lost beat is survived, two are not. */
export const leaseLifeMs = 75_000;
/** The keeper looks this often whether a session's process still lives. */
export const processCheckMs = 2_000;
/** Reading git may cost at most this share of the time: the pause is 50 × the last reading. */
export const readingPauseFactor = 50;
/** A reading of git that takes longer is given up, so that no repository holds the keeper. */
export const gitDeadlineMs = 2_000;
/** Memory of one git: status of 100,000 files takes a tenth of it, a hostile repository all. */
export const gitMemoryBytesMax = 536_870_912;
/** Processor time of one git, on several cores: it ends by itself though its keeper is gone. */
export const gitProcessorSecondsMax = 5;
/** Commits that a reading looks back for those since a session began: a long day's work. */
export const gitCommitsMax = 100;
/** Subjects told of the commits since a session began: an answer is a few lines. */
export const sinceSubjectsMax = 3;
/** Entries of a repository that are looked at for a link that leads out: a large one has 50,000. */
export const gitEntriesMax = 200_000;
/** Bytes of a repository's config; the largest seen, of a thousand remotes, has 300,000. */
export const gitConfigBytesMax = 1_048_576;
/** Bytes of a repository's packed refs: half a million of them. */
export const packedRefsBytesMax = 67_108_864;
/** Handles of one machine: far above what a person runs, and bounds every list of them. */
export const handlesMax = 256;

/** Paired machines: far above what a person owns, and bounds every table keyed by peer. */
export const peersMax = 1_024;
/** Each side says hello this often, ± `helloJitter`, so that links do not beat in step. */
export const helloMs = 30_000;
/** The share by which the hello interval is varied. */
export const helloJitter = 0.2;
/** The first hello to a machine just paired: a person waits for it. */
export const greetingMs = 2_000;
/** When a peer was seen is written down to this: less than anyone asks of a peer that is gone. */
export const seenMs = 60_000;
/** A link is up for this long after the last authenticated exchange. */
export const linkLifeMs = 75_000;
/** Hellos under way at once: a thousand peers must not open a thousand sockets. */
export const hellosAtOnceMax = 64;

/** Largest body in either direction; the largest legal answer is under half of it. */
export const bodyBytesMax = 65_536;
/** What a hello may spend on handles: the rest of it is under 4 KiB. */
export const helloHandlesBytesMax = 61_440;
/**
 * What hellos tell of handles may be as old as this: as of the last sweep, not of each hello. What
 * is left of a lease is told as of each hello.
 */
export const tellingMs = 1_000;
/** A question is a reason on the record, not a document. */
export const questionBytesMax = 1_024;
/** A summary is a sentence; a paragraph still fits. */
export const summaryBytesMax = 2_048;
/** A project is a folder's name. */
export const projectBytesMax = 64;
/** A branch name as long as people use. */
export const branchBytesMax = 128;
/** A commit's subject is cut here, by characters, the last one being `…`. */
export const subjectCharactersMax = 120;
/** A folder's path as the system allows it; it stays on this machine. */
export const pathBytesMax = 4_096;
/** A harness's own name of a session; the longest seen is a UUID. */
export const sessionIdBytesMax = 128;
/** Scopes, features or the like that a machine of another version may tell at once. */
export const wordsMax = 64;
/** Characters of each such word, and of a state. */
export const wordCharactersMax = 64;
/** Ancestors a session names when it looks for its lease; real trees are under 20 deep. */
export const ancestorsMax = 64;

/** Asks a peer may make in a second, sustained. */
export const asksPerSecondMax = 20;
/** Asks a peer may make at once before the rate counts. */
export const asksBurstMax = 40;
/**
 * Asks and exchanges that one peer is answered in `answersMs`: each leaves a record of up to 2 KiB,
 * and no peer may fill the disk. It is one in 4 s, all day long.
 */
export const answersMax = 20_000;
/** The time in which so many are answered. */
export const answersMs = 86_400_000;
/** Refusals and hellos of one peer are counted so long before they are recorded. */
export const peerCountMs = 3_600_000;
/** Connections one peer may hold. */
export const connectionsPerPeerMax = 8;
/** Calls to one peer under way at once: two connections are left for a client that begins anew. */
export const callsPerPeerMax = 6;
/** Connections of machines not (yet) known as a peer; a random one of the busiest source yields. */
export const connectionsUnknownMax = 128;
/** As many again are for addresses that proved a peer's key, for … */
export const connectionsKeptMax = 32;
/** … this long after: a machine that slept overnight is let in beside a crowd. */
export const familiarMs = 86_400_000;
/** Addresses of peers that are remembered so long: four a peer of a person with many machines. */
export const familiarMax = 256;
/**
 * Handshakes that one call begins where the other end closes each before it is done: at 1,000
 * connects a second and 150 ms of way, each gets in with odds of about 1 in 5.
 */
export const handshakesMax = 16;
/** Request headers: ours are under 2 KiB, most of it the token. */
export const headerBytesMax = 16_384;
/** A connection must have sent its headers by then. */
export const headerDeadlineMs = 5_000;
/** A request must have been received and answered by then. */
export const requestDeadlineMs = 10_000;
/** A connection with nothing to say is closed after this. */
export const idleMs = 120_000;
/** How long the question "is a window open?" may take. */
export const probeMs = 500;
/**
 * Candidates kept in all, which one search probes at the same time; paired peers' entries are never
 * evicted.
 */
export const candidatesMax = 256;
/** Candidates kept that tell one fingerprint prefix: a liar crowds out only itself. */
export const candidatesPerPrefixMax = 8;
/** Characters of the fingerprint, after `sha256:`, that an announcement tells. */
export const prefixCharacters = 16;
/** How long multicast answers are gathered before they are probed. */
export const browseMs = 1_000;
/** How long `pair` without an address keeps looking for an open window. */
export const pairSweepMs = 10_000;
/** How long tailscaled may take over a question; silence is a refusal. */
export const tailscaledMs = 500;
/** A peer that has not answered after this is looked for elsewhere, while it may still answer. */
export const lookElsewhereMs = 1_000;
/** The pause between two tries of a peer that a person waits for. */
export const tryAgainMs = 500;
/** The first pause after a hello that failed; doubled each time, up to `helloPauseMaxMs`. */
export const helloPauseMs = 5_000;
/** The longest pause between two hellos to a peer that is down. */
export const helloPauseMaxMs = 60_000;
/** How long an ask waits unless told otherwise. */
export const askDeadlineMs = 5_000;
/** An ask of several waits for a peer that is known to be down no longer than this. */
export const downPatienceMs = 1_000;
/** The longest that `--timeout` may ask for. */
export const askDeadlineMsMax = 60_000;
/** An answered ask is remembered this long, so that a repeated one gets the same outcome. */
export const askMemoryMs = 60_000;

/** A peer token lives this long by its minter's clock. */
export const tokenLifeMs = 30 * 86_400_000;
/** The share of a token's life after which it is exchanged for a new one. */
export const tokenRenewAt = 2 / 3;
/** Addresses remembered of one peer's requests: two tell of a copy, more change nothing. */
export const sightingsMax = 4;

/** Live tokens per peer: the one in use and the one about to replace it. */
export const tokensPerPeerMax = 2;
/** Bytes of a token; ours are under 600. */
export const tokenBytesMax = 2_048;

/** A checkpoint is signed at the latest after this many records … */
export const checkpointRecords = 100;
/** … or this long after the first record that no checkpoint covers. */
export const checkpointMs = 60_000;
/** Records read at a time while the chain is verified, so that asks go on meanwhile. */
export const verifyRowsAtOnce = 1_000;
/** Checkpoints whose signatures are checked at a time: about as long as so many records take. */
export const verifyCheckpointsAtOnce = 32;
/** Records in one file of an archive: about 40 MB, which is read whole. */
export const segmentRecordsMax = 50_000;
/** Records of a trail, as far as a checkpoint is believed: a billion take half a terabyte. */
export const trailRecordsMax = 1_000_000_000;
/** Records that one listing may return; more are fetched by `before_seq`. */
export const auditPageMax = 1_000;
/** Records a listing shows unless told otherwise. */
export const auditPageDefault = 20;
/** Unpaired sources whose refusals get a record of their own in one minute. */
export const refusalSourcesPerMinuteMax = 64;
/** The minute by which refusals are counted. */
export const refusalMinuteMs = 60_000;

/** Something that happened, or is due, is looked after by the sweep within this. */
export const sweepMs = 1_000;
/**
 * The sweep rests no longer, though nothing is due: a timer does not count the time that the
 * machine sleeps, and what ended meanwhile is to be noted soon after.
 */
export const sweepRestMsMax = 10_000;
/**
 * The addresses of this machine are looked at this often for one that came or went, where the
 * settings name them by a word.
 */
export const interfacesMs = 1_000;
/** An announcement that failed is tried again after this: the network may be ready by then. */
export const announceAgainMs = 60_000;
/** A revoked peer's connections are closed within this. */
export const revokeMs = 1_000;
/** Sockets still open this long after a refusal that left a body unread are destroyed. */
export const lingerMs = 1_000;
/**
 * A daemon from which nothing came for so long does not answer: as long as an ask waits, and longer
 * than a busy machine holds a daemon up.
 */
export const daemonSilenceMs = 5_000;
/** A daemon that does not answer has this long to end when its process is told to. */
export const daemonGraceMs = 2_000;
/** A daemon that is process 1 looks this often for inherited processes that ended. */
export const orphansMs = 2_000;
/** How long a command waits for a daemon it started, or for one it stops. */
export const startDeadlineMs = 10_000;
/** A completion waits this long for the daemon: a person waits for a key they pressed. */
export const completionDeadlineMs = 500;
/** Largest line of a stream, both for the sender and for the reader. */
export const streamLineBytesMax = 131_072;
/** Streams one daemon serves at once: dashboards, followers, one window. */
export const streamsMax = 64;
/** Events that wait for a reader of a stream; a reader that is slower loses the oldest. */
export const channelEventsMax = 1_024;
/** What a change feed tells of is compared at most once a frame, and never for more … */
export const watchPauseMs = 16;
/** … than this share of the time: the pause is 10 × the last comparison. */
export const watchPauseFactor = 10;
/** Bytes of a link's secret and of a bearer: 256 bits, beyond guessing at any rate. */
export const secretBytes = 32;
/** A link that was not used by then is none: time to log in to a machine and carry it there. */
export const secretLifeMs = 300_000;
/** A page from which nothing came for so long is gone: a reload takes less. */
export const sessionIdleMs = 60_000;
/** Streams of one tab: the change feed, a window, an export, and one that is ending. */
export const sessionStreamsMax = 4;
/** A daemon that is not there is looked for this often while a page waits for it. */
export const daemonLookMs = 250;
/** A browser that was told to open a page has come by then, or the link is shown. */
export const browserPatienceMs = 5_000;
/**
 * A new keeper waits this long for the old one to end; by then the old one looked twice, and once
 * in each half.
 */
export const keeperPatienceMs = 5_000;
/** A daemon waits this long for its lock: a command that looks at it holds it for a moment. */
export const daemonPatienceMs = 300;
/** Evictions are shown to the person at the window at most this often. */
export const evictionShownEveryMs = 1_000;
/** A failure that others can cause at will is logged at most this often. */
export const complaintMs = 60_000;
/** The log is turned over at this size; one older file is kept. */
export const logBytesMax = 4_194_304;
/** The default port of the peer listener. */
export const portDefault = 7_337;

/** A session that says it works or waits, and then nothing for this long, is in no known state. */
export const stateFreshMs = 600_000;
/** A state that a harness's own file still tells is handed on this often, so that it is known. */
export const stateRepeatMs = 60_000;
/** Bytes of a small file of an agent or of git: the largest seen are under 1 KiB. */
export const smallFileBytesMax = 65_536;
/** Sessions whose last name, or whose leaving, is remembered: months of a busy person's. */
export const sessionsRememberedMax = 1_024;
/** A hook that has not ended by then gives up: an agent waits for it. */
export const hookDeadlineMs = 2_000;
/** Bytes of a hook's payload that are read; some hold the whole output of a tool. */
export const hookBytesMax = 16_777_216;
/** Bytes of one MCP message from a client: a question is a thousandth of it. */
export const mcpMessageBytesMax = 1_048_576;
/** What was asked before the input ended is answered within this; nobody may read it any more. */
export const mcpLingerMs = 2_000;

/** How long another program may take to tell its version. */
export const programMs = 3_000;
/** How long a coding agent's own command may take to register something; the slowest takes 1 s. */
export const clientMs = 20_000;
/** How long the service manager may take: it waits until what it starts runs. */
export const serviceMs = 10_000;
/** How long a registered command may take to show that it works. */
export const verifyMs = 5_000;
