/** Rows of the document for people of other tools: actor, claude-peers and cmesh. */

import type { ComingRow } from "./coming-from-rows.ts";

/** The rows, by tool. */
export const moreRows: Readonly<Record<string, readonly ComingRow[]>> = {
  actor: [
    {
      there: "any command starts the daemon",
      here: "most do; `status`, `doctor`, `version` and hooks never do: `peernet start`",
    },
    {
      there: "`actor servers list`",
      typed: "servers list",
      here: "`peernet peers`; of the network `peernet discover`; of this machine `peernet id`",
    },
    {
      there: "`actor servers trust sha256:…`, on both",
      typed: "servers trust sha256:x",
      here: "`peernet trust FINGERPRINT`, on both; or one code by `peernet pair`",
    },
    {
      there: "`actor servers untrust NAME`",
      typed: "untrust mini",
      here: "`peernet unpair mini`; a machine that was never met: `peernet untrust FINGERPRINT`",
    },
    { there: "mDNS, else only the socket", here: "the same; `peernet doctor` says why" },
    {
      there: '`actor new NAME --host H --prompt "…"`',
      typed: "new migrate --host workstation --prompt port",
      here: "`peernet run MACHINE:REPOSITORY`, with `--name` for a name of one's own",
    },
    {
      there: '`actor run NAME "…"`, the next prompt',
      typed: "run migrate next",
      here: "`peernet task say migrate`; `run` always begins a new task",
    },
    { there: "`actor stop NAME`", typed: "stop migrate", here: "`peernet task stop migrate`" },
    {
      there: "`actor discard NAME`",
      typed: "discard migrate",
      here: "`peernet task discard migrate`",
    },
    {
      there: "`actor list`",
      typed: "tasks --help",
      here: "`peernet tasks`; sessions: `peernet ask`",
    },
    {
      there: "`actor logs NAME`",
      typed: "attach migrate",
      here: "`peernet task log migrate --follow`; of the daemon ~/.peernet/daemon.log",
    },
    {
      there: "`new_session` with a host, from a session",
      here:
        "the tool `delegate_task {machine, repository, prompt}`; in the session's shell " +
        "`peernet run MACHINE:REPOSITORY`",
    },
    {
      there: "a session in a worktree on the host, which reports back",
      here: "a worktree of our own, a measured result, and a message to the asking session",
    },
    {
      there: "repositories cloned under `repo_dir`",
      here: "`clone` in policy.toml of the machine that runs it",
    },
    {
      there: "one long session on the workstation, driven from the laptop",
      here: "rounds of a task, each with its time limit",
    },
  ],
  "claude-peers": [
    {
      there: "`list_peers` by machine, directory, repo",
      typed: "list_peers",
      here: "the tool `list_peers {within}`; `peernet watch --once`",
    },
    {
      there: "`send_message {to_id, message}`",
      typed: "send_message x",
      here: "the tool `message_peer {to, text}`; `peernet send MACHINE/NAME`",
    },
    {
      there: "`set_summary`",
      typed: "set_summary x",
      here: "the tool `set_summary`; `peernet summary TEXT`",
    },
    {
      there: "`check_messages`",
      typed: "check_messages",
      here: "the tool `read_messages`; `peernet inbox`",
    },
    {
      there: "messages arrive at once, by a channel flag",
      here: "at once without a flag: an idle session is woken, where the grant has `wake`",
    },
    {
      there: "a summary written by a model (`OPENAI_API_KEY`)",
      here: "no model: the session's own sentence, and the subjects of its commits. No text leaves",
      isMissing: true,
    },
    {
      there: "`cli.ts status`, `peers`",
      typed: "status",
      here: "`peernet status`, `peernet peers`",
    },
    { there: "`cli.ts kill-broker`", typed: "kill-broker", here: "`peernet help stop`" },
    {
      there: "one broker for all, `CLAUDE_PEERS_*`",
      here: "no broker: a daemon a machine, paired; `PEERNET_*`, in configuration.md",
    },
    {
      there: "dead peers are cleaned up after 60 s",
      here: "a lease ends after 75 s, and within 5 s of the end of its process",
    },
    {
      there: "webhooks, topics, any agent over HTTP",
      typed: "subscribe --help",
      here:
        "`peernet subscribe TOPIC`, `peernet send --topic NAME`; programs of yours: " +
        "`peernet inbox --follow --json`, and webhooks.md",
    },
  ],
  cmesh: [
    { there: "`install.sh`", typed: "install", here: "install.sh, then `peernet setup`" },
    {
      there: "PowerShell, Windows",
      here: "Linux and macOS; on Windows inside WSL. Natively it is not built",
      isMissing: true,
    },
    {
      there: '"help me setup cmesh", by MCP',
      here: "the tool `peernet_status` says what to type next; a person types it",
    },
    {
      there: "delegate, status, result as untrusted claims",
      typed: "delegate",
      here:
        "the tools `delegate_task`, `get_task`, `stop_task`; `peernet run MACHINE:REPOSITORY`, " +
        "`peernet tasks`. Measured facts stand apart from claims",
    },
    { there: "a task's result", typed: "result 7f3a", here: "`peernet task show NAME`" },
    {
      there: '"inspect /srv/myapp and check why the deploy failed"',
      here: "`[folders]` in policy.toml: a folder that is no repository, read-only",
    },
    {
      there: "policy of peer, cwd, profile, runner, on both sides",
      typed: "policy show",
      here: "policy.toml on both sides: `peernet policy show`; a repository's name, never a path",
    },
    {
      there: "a source outside of the tailnet is rejected; whois",
      here: "`tailnet.same_user_only`",
    },
    {
      there: "Tailscale grants (CapMap)",
      here: "not read: our own grants and policy decide",
      isMissing: true,
    },
    {
      there: "runner manifests, schemas, examples",
      typed: "runner",
      here: "`peernet runner`; manifests of the built-in runners",
    },
    {
      there: "a durable, audited result",
      here: "the result and its record on both machines, compared by `audit verify --with`",
    },
    { there: "`uninstall`", typed: "uninstall --help", here: "`peernet uninstall`" },
    {
      there: "MCP on loopback only",
      typed: "mcp --help",
      here: "`peernet mcp`, on stdin and stdout",
    },
  ],
};
