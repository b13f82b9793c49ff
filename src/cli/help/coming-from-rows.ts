/**
 * Each command, tool and documented behaviour of five other tools, and what it is here: data for a
 * document. A test types the words of each, and our command lines.
 */

/** A command, a tool or a behaviour of another tool. */
export interface ComingRow {
  /** As that tool's own documents have it. */
  readonly there: string;
  /** The same words after `peernet`: they do it here, or their hint is a line of `here`. */
  readonly typed?: string;
  /** Our commands and tools between backticks, and words about them. */
  readonly here: string;
  /** True for something that peernet does not have. */
  readonly isMissing?: true;
}

/** The rows of the first two tools. */
export const firstRows: Readonly<Record<string, readonly ComingRow[]>> = {
  "Hydrate's Peernet": [
    {
      there: '`hydrate_ask_peer("mini/hydrate", "…")`',
      typed: "hydrate_ask_peer mini/hydrate",
      here: "the tool `ask_peer {handle, question}`, and `peernet ask MACHINE/NAME`",
    },
    {
      there: "pair without an address; a probe of one bit",
      here: "`peernet pair` finds the machine whose window is open",
    },
    {
      there: "a code of six digits, 2 minutes, 3 attempts, used once, hashed at rest",
      here: "the same; it is in memory only, and no machine is sent the code itself (CPace)",
    },
    {
      there: "a leased handle with a heartbeat of 30 s",
      typed: "activate hydrate",
      here: "`peernet activate`, or the hooks that setup adds",
    },
    {
      there: "an answer of status, project, commit, summary, thread id",
      here: "the same, with the state and the age of each fact: `peernet preview`",
    },
    { there: "an audit row for each ask", typed: "audit", here: "`peernet audit`" },
    {
      there: "a credential for each peer that can be revoked",
      typed: "revoke mini",
      here: "`peernet peers revoke NAME ask`, or `peernet unpair NAME`",
    },
    {
      there: "the dashboard: core, rings, heartbeat, dark peers; Activity; Builder",
      typed: "dashboard --help",
      here:
        "`peernet dashboard`, tabs *Map*, *Messages*, *Tasks*, *Activity* and *Builder*; " +
        "*Sessions* is the first",
    },
    {
      there: "Read, Grep, Glob in a throw-away worktree at a commit",
      typed: "cp mini:hydrate",
      here:
        "`peernet cat MACHINE:REPOSITORY PATH`, `grep`, `ls`, and three tools. Git objects are " +
        "read behind walls: no work tree is written, so nothing in it can run",
    },
  ],
  thrum: [
    {
      there: '`thrum send "TEXT" --to @api:reviewer_api`',
      typed: "send TEXT --to @api:reviewer_api",
      here: "`peernet send MACHINE/NAME`; a name has - in place of _",
    },
    { there: "`--to @everyone`", typed: "send @everyone hello", here: "`peernet send --all`" },
    {
      there: "`@agent` in a text",
      typed: "send @api:reviewer_api",
      here: "`peernet send api/reviewer-api`",
    },
    { there: "`thrum inbox`, read state", typed: "inbox --unread", here: "`peernet inbox`" },
    {
      there: "`thrum reply`, threads",
      typed: "reply --help",
      here: "`peernet reply 7f3a`; what is proven of a message: `peernet receipts ID`",
    },
    {
      there: "`thrum peer add --type tailscale --auth-key K`",
      typed: "peer add --type tailscale --auth-key K",
      here: "`peernet pair --open`: it uses the tailscaled that runs, and takes no auth key",
    },
    {
      there: "`thrum peer join CODE`, `--type`, `--address`, `--peercode`",
      typed: "pair --peercode X",
      here: "`peernet pair`; by address: `peernet pair MACHINE`",
    },
    {
      there: "a peer code `name:address:port:code`",
      typed: "pair alice:100.64.1.5:44123:4829",
      here: "`peernet pair` on both machines; a peer code is named as another program's",
    },
    {
      there: "`thrum peer join --type repair`",
      typed: "peer repair",
      here: "`peernet doctor`; a machine is found again by its key, and a new pairing heals",
    },
    { there: "`thrum peer list`", typed: "peer list", here: "`peernet peers`" },
    {
      there: "`thrum peer status NAME`",
      typed: "peer status mini",
      here: "`peernet peers show NAME`",
    },
    { there: "`thrum peer remove NAME`", typed: "peer remove mini", here: "`peernet unpair NAME`" },
    {
      there: "`thrum peer configure NAME add-agent A`",
      typed: "peer configure mini add-agent api",
      here: "`peernet peers grant NAME message:HANDLE`; without it, all handles",
    },
    { there: "`thrum team`, `overview`", typed: "team", here: "`peernet watch --once`" },
    {
      there: "`thrum who-has FILE`, and of an agent",
      typed: "who-has --help",
      here: "`peernet who-has PATH`; of a session `peernet ask MACHINE/NAME`",
    },
    {
      there: "`thrum register`, `whoami`",
      typed: "register",
      here: "`peernet activate`, `peernet status`",
    },
    {
      there: "local peers: several repositories on one machine",
      here: "one daemon for all; sessions of one machine need no grant: `peernet send NAME`",
    },
    { there: "`--type network` on a LAN", here: "the local network, named in `peernet setup`" },
    {
      there: "one side dials, both use the connection",
      here: "the same: a machine that cannot be dialled keeps three connections",
    },
    {
      there: "address change, drift recovery, reconcile at boot",
      here: "by the key's fingerprint, without a command",
    },
    { there: "queued while unreachable", typed: "outbox", here: "`peernet outbox`, for 7 days" },
    {
      there: "messages to an agent that is not running",
      here: "kept 7 days for the next holder of that name in that work tree",
    },
    {
      there: "`daemon.peer_port`, `peers.auto_connect`, `pairing_code_length`",
      typed: "config",
      here: "`listen.port`; always; always six: edit ~/.peernet/config.toml",
    },
    { there: "`peers.json`", typed: "peers --json", here: "`peernet peers --json`" },
    {
      there: "git-backed history of all messages on every machine, merged; `thrum sync`",
      typed: "sync",
      here:
        "no history is replicated: each machine has the record of what concerned it. Here " +
        "`peernet outbox` shows what waits, `peernet audit export` prints the record, " +
        "`peernet audit verify --with MACHINE` compares it",
      isMissing: true,
    },
  ],
};
