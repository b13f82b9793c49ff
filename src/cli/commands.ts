/**
 * The registry of commands: the name, words, summary and loader of each. Help, the reference and
 * completions are generated from it. Loads the two commands that people wait for, ask and status,
 * with itself, and each other one when it runs.
 */

import { ask } from "./ask/ask.ts";
import { auditEntries } from "./audit/entries.ts";
import { status } from "./daemon/status.ts";
import type { Entry } from "./frame/command.ts";
import { helpEntries } from "./help/entries.ts";
import { topicEntries } from "./messages/topic-entries.ts";
import { policyEntries } from "./policy/entries.ts";
import { readEntries } from "./reads/entries.ts";
import { runnerEntries } from "./runners/entries.ts";
import { taskEntries } from "./tasks/entries.ts";
import { fleetEntries } from "./trust/entries.ts";

/** Every command, in the order of help. */
export const commands: readonly Entry[] = [
  {
    name: "setup",
    words: "",
    summary: "sets this machine up: asks three questions, shows one plan, and carries it out",
    load: async () => {
      const wizard = async () => (await import("./wizard/wizard.ts")).runWizard;
      return (await import("./setup/setup.ts")).setupWith(wizard);
    },
  },
  {
    name: "status",
    words: "",
    summary: "shows this machine, its handles, its peers and an open pairing window",
    load: async () => status,
  },
  {
    name: "ask",
    words: "[HANDLE] [QUESTION…]",
    summary: "asks for a session's facts; without HANDLE, for those of every live session",
    load: async () => ask,
  },
  {
    name: "watch",
    words: "",
    summary: "shows all sessions of all machines on a screen that stays open, waiting ones first",
    load: async () => (await import("./watch/watch.ts")).watch,
  },
  {
    name: "wait",
    words: "HANDLE",
    summary: "waits until a session is idle, commits, changes or ends, and shows its facts then",
    load: async () => (await import("./ask/wait.ts")).wait,
  },
  {
    name: "who-has",
    words: "PATH…",
    summary: "names other live sessions, on any machine, that have changed these files",
    load: async () => (await import("./overlap/who-has.ts")).whoHas,
  },
  {
    name: "send",
    words: "[HANDLE] [TEXT…]",
    summary: "leaves a message for a session, for all of a machine, or for its person",
    load: async () => (await import("./messages/send.ts")).send,
  },
  {
    name: "inbox",
    words: "",
    summary: "shows the mail of this machine: yours first, then that of its sessions",
    load: async () => (await import("./messages/inbox.ts")).inbox,
  },
  {
    name: "inbox show",
    words: "ID",
    summary: "shows one message with its text",
    load: async () => (await import("./messages/inbox.ts")).show,
  },
  {
    name: "inbox approve",
    words: "ID",
    summary: "lets a held message through to its session",
    person: true,
    load: async () => (await import("./messages/inbox.ts")).approve,
  },
  {
    name: "inbox refuse",
    words: "ID",
    summary: "refuses a held message, or one that nobody has read",
    person: true,
    acts: true,
    load: async () => (await import("./messages/inbox.ts")).refuse,
  },
  {
    name: "reply",
    words: "ID [TEXT…]",
    summary: "answers a message of this machine's mailboxes",
    load: async () => (await import("./messages/send.ts")).reply,
  },
  {
    name: "receipts",
    words: "ID",
    summary: "shows what is proven of a message: stored, told, in context, answered",
    load: async () => (await import("./messages/send.ts")).receipts,
  },
  ...topicEntries,
  ...taskEntries,
  {
    name: "activate",
    words: "[NAME]",
    summary: "takes a handle for this session, or renames the one it has",
    load: async () => (await import("./sessions/activate.ts")).activate,
  },
  {
    name: "deactivate",
    words: "[NAME]",
    summary: "releases this session's handle",
    load: async () => (await import("./sessions/deactivate.ts")).deactivate,
  },
  {
    name: "summary",
    words: "TEXT…",
    summary: "sets a sentence about this session's work",
    load: async () => (await import("./sessions/summary.ts")).summary,
  },
  {
    name: "preview",
    words: "[NAME]",
    summary: "shows the answer that an asking peer would get, and the facts that it never gets",
    load: async () => (await import("./ask/preview.ts")).preview,
  },
  {
    name: "pair",
    words: "[MACHINE] [-]",
    summary: "pairs with another machine by a code that one shows and the other takes",
    person: true,
    load: async () => (await import("./pairing/pair.ts")).pair,
  },
  ...fleetEntries,
  {
    name: "discover",
    words: "",
    summary: "searches once for machines, and shows which have a pairing window open",
    load: async () => (await import("./pairing/discover.ts")).discover,
  },
  {
    name: "unpair",
    words: "NAME",
    summary: "ends a pairing; its records stay",
    person: true,
    acts: true,
    load: async () => (await import("./pairing/unpair.ts")).unpair,
  },
  {
    name: "peers",
    words: "",
    summary: "lists paired machines",
    load: async () => (await import("./pairing/peers.ts")).peers,
  },
  {
    name: "peers show",
    words: "NAME",
    summary: "shows one paired machine",
    load: async () => (await import("./pairing/peers.ts")).show,
  },
  {
    name: "peers rename",
    words: "NAME NEW",
    summary: "changes this machine's own name for a peer, or confirms the one it told",
    person: true,
    load: async () => (await import("./pairing/peers.ts")).rename,
  },
  {
    name: "peers grant",
    words: "NAME [ENTRY…]",
    summary: "adds rights to a peer; the same scope again replaces its entry",
    person: true,
    load: async () => (await import("./pairing/grants.ts")).grant,
  },
  {
    name: "peers revoke",
    words: "NAME [SCOPE…]",
    summary: "removes rights from a peer",
    person: true,
    load: async () => (await import("./pairing/grants.ts")).revoke,
  },
  {
    name: "peers pause",
    words: "NAME",
    summary: "suspends a peer's rights until it is resumed",
    person: true,
    load: async () => (await import("./pairing/grants.ts")).pause,
  },
  {
    name: "peers resume",
    words: "NAME",
    summary: "restores a paused peer's rights",
    person: true,
    load: async () => (await import("./pairing/grants.ts")).resume,
  },
  ...readEntries,
  ...policyEntries,
  ...runnerEntries,
  {
    name: "outbox",
    words: "",
    summary: "shows the entries that wait for a peer",
    load: async () => (await import("./outbox/outbox.ts")).outbox,
  },
  {
    name: "outbox drop",
    words: "ID",
    summary: "drops an entry that waits for a peer",
    acts: true,
    load: async () => (await import("./outbox/outbox.ts")).drop,
  },
  ...auditEntries,
  {
    name: "dashboard",
    words: "",
    summary: "serves a page about this network to your browser, and opens it",
    load: async () => (await import("./dashboard/dashboard.ts")).dashboard,
  },
  {
    name: "doctor",
    words: "",
    summary: "shows observations, with one fix for each problem",
    load: async () => (await import("./doctor/doctor.ts")).doctor,
  },
  {
    name: "start",
    words: "",
    summary: "starts the daemon and waits until it listens",
    load: async () => (await import("./daemon/start.ts")).start,
  },
  {
    name: "stop",
    words: "",
    summary: "stops the daemon; it stays stopped until start",
    acts: true,
    load: async () => (await import("./daemon/stop.ts")).stop,
  },
  {
    name: "daemon",
    words: "[--docs]",
    summary: "runs in the foreground, as a service unit does; --docs serves the API's documents",
    load: null,
  },
  {
    name: "hook",
    words: "HARNESS",
    summary: "reports an event of a session; hooks of claude-code and codex run it",
    load: null,
  },
  {
    name: "uninstall",
    words: "",
    summary: "ends all pairings while the daemon runs, then undoes exactly setup's changes",
    acts: true,
    load: async () => (await import("./setup/uninstall.ts")).uninstall,
  },
  {
    name: "mcp",
    words: "",
    summary: "serves a coding agent's tools on stdin and stdout, as the agent starts it",
    load: null,
  },
  ...helpEntries,
];
