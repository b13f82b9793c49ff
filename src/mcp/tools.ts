/** The tools as a client calls them: each a row of the contract and its handler. */

import { type Tools, tools } from "../contract/mcp.ts";
import type { InputOf, OutputOf } from "../contract/operation/operation.ts";
import { askPeer } from "./ask/asking.ts";
import { listPeers } from "./ask/listing.ts";
import { waitForPeer } from "./ask/waiting.ts";
import { checked } from "./input.ts";
import { messagePeer, readMessages } from "./messages/messages.ts";
import { listPeerFiles, readPeerFile, searchPeerFiles } from "./reads/reading.ts";
import { failure, messagesResult, type Result, resultOf } from "./result.ts";
import type { Call } from "./server/parts.ts";
import { activateSession, deactivateSession, setSummary } from "./sessions/sessions.ts";
import { peernetStatus } from "./status.ts";
import { delegateTask, getTask, stopTask } from "./tasks/tasks.ts";

/** One function for each tool; a missing one is a type error. */
type Handlers = {
  readonly [K in keyof Tools]: (
    input: InputOf<Tools[K]>,
    call: Call,
  ) => Promise<OutputOf<Tools[K]>>;
};

const handlers: Handlers = {
  ask_peer: askPeer,
  list_peers: listPeers,
  wait_for_peer: waitForPeer,
  message_peer: messagePeer,
  read_messages: readMessages,
  read_peer_file: readPeerFile,
  search_peer_files: searchPeerFiles,
  list_peer_files: listPeerFiles,
  delegate_task: delegateTask,
  get_task: getTask,
  stop_task: stopTask,
  activate_session: activateSession,
  deactivate_session: deactivateSession,
  set_summary: setSummary,
  peernet_status: peernetStatus,
};

/** Calls a tool; its errors become results. Returns null when there is no such tool. */
export async function callTool(name: string, given: unknown, call: Call): Promise<Result | null> {
  if (!isTool(name)) return null;
  try {
    const facts = await run(name, given, call);
    return name === "read_messages" ? messagesResult(facts) : resultOf(facts, call.parts);
  } catch (cause) {
    if (call.signal.aborted) throw cause;
    return failure(cause, call.parts);
  }
}

const isTool = (name: string): name is keyof Tools => Object.hasOwn(tools, name);

function run<K extends keyof Tools>(name: K, given: unknown, call: Call) {
  const handler: Handlers[K] = handlers[name];
  return handler(checked<Tools[K]>(tools[name], given), call);
}
