/**
 * Every limit of peernet, with its unit in the name and its reason beside it. Loads nothing, so
 * that the fast paths of the command line may import it.
 */

/** Digits of a pairing code: one million codes, three attempts, 3 in 10⁶ per window. */
export const codeDigits = 6;
/** A window lives long enough to walk to the other machine, not to be forgotten open. */
export const windowLifeMs = 120_000;
/** Refused confirms that burn a window: a typing slip on either side, and no more. */
export const attemptsMax = 3;
/**
 * Pairing runs held between share and confirm: one for each slot for unknown connections. With
 * eight, an attacker with many addresses evicted the right code 14 times of 14, on a network of 40
 * ms. With these the eviction never succeeded.
 */
export const exchangesMax = 128;
/** A run that has not confirmed by then is dropped: no person acts during a run. */
export const exchangeLifeMs = 10_000;
/** The joiner's time limit for one pairing, whatever the other end does. */
export const pairDeadlineMs = 10_000;
/** A pairing without the joiner's first request by then is shown as unacknowledged. */
export const acknowledgeMs = 10_000;

/** A lease is renewed this often. */
export const heartbeatMs = 30_000;
/** A lease silent for this long is expired: it survives one lost beat, but not two. */
export const leaseLifeMs = 75_000;
/** The interval at which the keeper checks that a session's process still lives. */
export const processCheckMs = 2_000;
/** Reading git may cost at most this share of the time: the pause is 50 × the last reading. */
export const readingPauseFactor = 50;
/** A longer reading of git is aborted, so that no repository delays a command. */
export const gitDeadlineMs = 2_000;
/** The same for the keeper, for which nobody waits: git reads 100,000 changed files by then. */
export const keeperGitDeadlineMs = 5_000;
/** Memory of one git: status of 100,000 files takes a tenth, a hostile repository all of it. */
export const gitMemoryBytesMax = 536_870_912;
/** Processor time of one git, over several cores: git ends by itself even if its keeper is gone. */
export const gitProcessorSecondsMax = 5;
/** Commits that a reading searches for those since a session began: a long day's work. */
export const gitCommitsMax = 100;
/** Subjects in an answer of the commits since a session began: an answer is a few lines. */
export const sinceSubjectsMax = 3;
/** Entries of a repository that are checked for a link that leads out: a large one has 50,000. */
export const gitEntriesMax = 200_000;
/** Bytes of a repository's config; the largest seen, with a thousand remotes, has 300,000. */
export const gitConfigBytesMax = 1_048_576;
/** Bytes of a repository's packed refs: half a million of them. */
export const packedRefsBytesMax = 67_108_864;
/** Handles of one machine: far more than a person runs; bounds every list of handles. */
export const handlesMax = 256;

/** Paired machines: far more than a person owns; bounds every table keyed by peer. */
export const peersMax = 1_024;
/** Each side says hello this often, ± `helloJitter`, so that links do not beat in step. */
export const helloMs = 30_000;
/** The share by which the hello interval is varied. */
export const helloJitter = 0.2;
/** The first hello to a newly paired machine comes this soon: a person waits for it. */
export const greetingMs = 2_000;
/** The precision of a peer's last-seen time: finer than any question about an absent peer. */
export const seenMs = 60_000;
/** A link is up for this long after the last authenticated exchange. */
export const linkLifeMs = 75_000;
/** Concurrent hellos: a thousand peers must not open a thousand sockets. */
export const hellosAtOnceMax = 64;

/** Largest body in either direction; the largest legal answer is under half of it. */
export const bodyBytesMax = 65_536;
/** Bytes of a hello for handles: its other fields take under 4 KiB. */
export const helloHandlesBytesMax = 61_440;
/**
 * The largest age of the handles in a hello: as of the last sweep, not of each hello. The remaining
 * time of a lease is computed for each hello.
 */
export const tellingMs = 1_000;
/** A question is a reason in the record, not a document. */
export const questionBytesMax = 1_024;
/** A summary is a sentence; a paragraph still fits. */
export const summaryBytesMax = 2_048;
/** A project is a folder's name. */
export const projectBytesMax = 64;
/** A branch name as long as people use. */
export const branchBytesMax = 128;
/** A commit's subject is cut to this many characters, the last of which is `…`. */
export const subjectCharactersMax = 120;
/** A folder's path as the system allows it; it stays on this machine. */
export const pathBytesMax = 4_096;
/** A harness's own id of a session; the longest seen is a UUID. */
export const sessionIdBytesMax = 128;
/** Scopes, features or similar words that a machine of another version may send at once. */
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
 * Calls that one peer may have answered in `answersMs`, of those that leave a record of their own:
 * each of up to 2 KiB, and no peer may fill the disk. It allows one in 4 s, all day long.
 */
export const answersMax = 20_000;
/** The time in which that many are answered. */
export const answersMs = 86_400_000;
/** The period over which one peer's refusals and hellos are counted before they are recorded. */
export const peerCountMs = 3_600_000;
/** Connections one peer may hold. */
export const connectionsPerPeerMax = 8;
/** Concurrent calls to one peer: two connections are left for a client that starts again. */
export const callsPerPeerMax = 6;
/** Connections of machines not (yet) known as a peer; a random one of the busiest source yields. */
export const connectionsUnknownMax = 128;
/** As many again are reserved for addresses that proved a peer's key, for … */
export const connectionsKeptMax = 32;
/** … this long after: a machine that slept overnight is admitted despite a crowd. */
export const familiarMs = 86_400_000;
/** The number of such addresses: four for each peer of a person with many machines. */
export const familiarMax = 256;
/**
 * Handshakes that one call attempts when the other end closes each before it is done: at 1,000
 * connects a second and 150 ms of latency, each succeeds with odds of about 1 in 5.
 */
export const handshakesMax = 16;
/** Request headers: ours are under 2 KiB, most of it the token. */
export const headerBytesMax = 16_384;
/** The time limit for a connection to send its headers. */
export const headerDeadlineMs = 5_000;
/** The time limit to receive and answer a request. */
export const requestDeadlineMs = 10_000;
/** An idle connection is closed after this. */
export const idleMs = 120_000;
/** The time limit of the question "is a window open?". */
export const probeMs = 500;
/** Candidates kept in all; one search probes them at once. Paired peers' are never evicted. */
export const candidatesMax = 256;
/** Candidates kept with one fingerprint prefix: a liar evicts only itself. */
export const candidatesPerPrefixMax = 8;
/** Characters of the fingerprint, after `sha256:`, in an announcement. */
export const prefixCharacters = 16;
/** The time to collect multicast answers before they are probed. */
export const browseMs = 1_000;
/** The time for which `pair` without an address looks for an open window. */
export const pairSweepMs = 10_000;
/** The time limit of a question to tailscaled; silence is a refusal. */
export const tailscaledMs = 500;
/** After this without an answer a peer is also looked for at other addresses. */
export const lookElsewhereMs = 1_000;
/** The pause between two attempts to reach a peer that a person waits for. */
export const tryAgainMs = 500;
/** The first pause after a hello that failed; doubled each time, up to `helloPauseMaxMs`. */
export const helloPauseMs = 5_000;
/** The longest pause between two hellos to a peer that is down. */
export const helloPauseMaxMs = 60_000;
/** The default time limit of an ask. */
export const askDeadlineMs = 5_000;
/** The time that an ask of several waits at most for a peer known to be down. */
export const downPatienceMs = 1_000;
/** The largest value of `--timeout`. */
export const askDeadlineMsMax = 60_000;
/** An answered ask is remembered this long, so that a repeated one gets the same outcome. */
export const askMemoryMs = 60_000;

/** The lifetime of a peer token, by its minter's clock. */
export const tokenLifeMs = 30 * 86_400_000;
/** The share of a token's life after which it is exchanged for a new one. */
export const tokenRenewAt = 2 / 3;
/** Addresses remembered of one peer's requests: two reveal a copy, more change nothing. */
export const sightingsMax = 4;

/** Live tokens per peer: the one in use and the one about to replace it. */
export const tokensPerPeerMax = 2;
/** Bytes of a token; ours are under 600. */
export const tokenBytesMax = 2_048;

/** A checkpoint is signed at the latest after this many records … */
export const checkpointRecords = 100;
/** … or this long after the first record that no checkpoint covers. */
export const checkpointMs = 60_000;
/** Records read at a time while the chain is verified, so that asks are answered meanwhile. */
export const verifyRowsAtOnce = 1_000;
/** Checkpoints whose signatures are checked at a time: as long as that many records take. */
export const verifyCheckpointsAtOnce = 32;
/** Records in one archive file: about 40 MB, which is read at once. */
export const segmentRecordsMax = 50_000;
/** The largest record number a checkpoint may claim: a billion records take half a terabyte. */
export const trailRecordsMax = 1_000_000_000;
/** Records that one listing may return; `before_seq` fetches more. */
export const auditPageMax = 1_000;
/** Records in a listing by default. */
export const auditPageDefault = 20;
/** Unpaired sources whose refusals get a record of their own in one minute. */
export const refusalSourcesPerMinuteMax = 64;
/** The period by which refusals are counted. */
export const refusalMinuteMs = 60_000;

/** The sweep handles an event, or a due task, within this. */
export const sweepMs = 1_000;
/**
 * The longest rest of the sweep, even when nothing is due. A timer does not count the time that the
 * machine sleeps, and leases that ended meanwhile are to be noted soon.
 */
export const sweepRestMsMax = 10_000;
/** The interval of comparing this machine's addresses, when the settings name them by a word. */
export const interfacesMs = 1_000;
/** The pause before a failed announcement is repeated: the network may be ready by then. */
export const announceAgainMs = 60_000;
/** The time within which a revoked peer's connections are closed. */
export const revokeMs = 1_000;
/** Sockets still open this long after a refusal that left a body unread are destroyed. */
export const lingerMs = 1_000;
/**
 * A daemon that sent nothing for this long does not answer: as long as an ask waits, and longer
 * than a busy machine delays a daemon.
 */
export const daemonSilenceMs = 5_000;
/** The time that an unresponsive daemon gets to end after its process was signalled. */
export const daemonGraceMs = 2_000;
/** The interval at which a daemon that is process 1 looks for inherited processes that ended. */
export const orphansMs = 2_000;
/** The time that a command waits for a daemon that it starts or stops. */
export const startDeadlineMs = 10_000;
/** The time that a completion waits for the daemon: a person waits for a key they pressed. */
export const completionDeadlineMs = 500;
/** The largest line of a stream, both for the sender and for the reader. */
export const streamLineBytesMax = 131_072;
/** Streams one daemon serves at once: dashboards, followers, one window. */
export const streamsMax = 64;
/** Events that wait for a reader of a stream; a slower reader loses the oldest. */
export const channelEventsMax = 1_024;
/** The state behind a change feed is compared at most once a frame, and never for more … */
export const watchPauseMs = 16;
/** … than this share of the time: the pause is 10 × the last comparison. */
export const watchPauseFactor = 10;
/** Bytes of a link's secret and of a bearer: 256 bits, beyond guessing at any rate. */
export const secretBytes = 32;
/** An unused link expires after this: time to log in to a machine and carry the link there. */
export const secretLifeMs = 300_000;
/** A page that sent nothing for this long is gone: a reload takes less. */
export const sessionIdleMs = 60_000;
/** Streams of one tab: the change feed, a window, an export, and one that is ending. */
export const sessionStreamsMax = 4;
/** Copies of a tab: a browser has 6 connections to an origin, and each copy holds one open. */
export const sessionTabsMax = 4;
/** The interval at which a waiting page looks for a missing daemon. */
export const daemonLookMs = 250;
/** The time for a browser to open a page; after it the link is shown. */
export const browserPatienceMs = 5_000;
/**
 * The time that a new keeper waits for the old one to end; by then the old one has looked twice,
 * and once in each half.
 */
export const keeperPatienceMs = 5_000;
/** The time that a daemon waits for its lock, which a looking command holds for a moment. */
export const daemonPatienceMs = 300;
/** The interval at which evictions are shown to the person at the window. */
export const evictionShownEveryMs = 1_000;
/** The interval at which a failure that others can cause at will is logged. */
export const complaintMs = 60_000;
/** The size at which the log is rotated; one older file is kept. */
export const logBytesMax = 4_194_304;
/** The default port of the peer listener. */
export const portDefault = 7_337;

/** The time after which the state of a silent session that worked or waited is unknown. */
export const stateFreshMs = 600_000;
/** The interval of reporting an unchanged state in a harness's file, so that it stays known. */
export const stateRepeatMs = 60_000;
/** Bytes of a small file of an agent or of git: the largest seen are under 1 KiB. */
export const smallFileBytesMax = 65_536;
/** Sessions whose last name, or whose leaving, is remembered: months of a busy person's work. */
export const sessionsRememberedMax = 1_024;
/** The deadline of a hook: an agent waits for it. */
export const hookDeadlineMs = 2_000;
/** Bytes of a hook's payload that are read; some hold the full output of a tool. */
export const hookBytesMax = 16_777_216;
/** Bytes of one MCP message from a client: a question takes a thousandth of it. */
export const mcpMessageBytesMax = 1_048_576;
/** The time to answer requests after the input ended; nobody may read the answers any more. */
export const mcpLingerMs = 2_000;

/** The time limit for another program to print its version; the slowest needs 2 s when busy. */
export const programMs = 5_000;
/** The time limit of an agent's own command that registers a server; the slowest takes 1 s. */
export const clientMs = 20_000;
/** The time limit of the service manager, which waits until the service runs. */
export const serviceMs = 10_000;
/** The time limit for a registered command to show that it works. */
export const verifyMs = 5_000;
