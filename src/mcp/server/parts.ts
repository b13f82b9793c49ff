/** Dependencies of the MCP server: the outside world of its calls. Types only. */

import type { Control } from "../../contract/control.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import type { Clock, Timers } from "../../platform/effects.ts";
import type { Starting } from "../../session/started.ts";

/** The rows that a model's call may reach. None of them pairs: only a person pairs. */
export type ModelRow =
  | "status"
  | "peers"
  | "ask"
  | ("read" | "read/repositories")
  | "wait"
  | "send"
  | "messages/take"
  | "activate"
  | "deactivate"
  | "summary"
  | "tasks/run"
  | "tasks/say"
  | "tasks/get"
  | "tasks/stop"
  | "leases";

/** The outside world of the server. */
export interface McpParts extends Starting {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The state folder; it may not exist yet. */
  readonly home: string;
  /** This process's own number. */
  readonly pid: number;
  cwd(): string;
  readonly version: { readonly version: string };
  readonly clock: Clock;
  readonly timers: Timers;
  /** Calls of this home's daemon; starts none. @throws {state_unsafe} */
  calls(): Pick<Calls<Control>, ModelRow>;
  /** Makes sure that this home's keeper runs. */
  ensureKeeper(): Promise<void>;
  /**
   * The reason why no daemon answers, from the state folder; creates no file. @throws
   * {state_unsafe}
   */
  whyDown(): "stopped" | "not_running" | "not_set_up";
  /** The agents, as people say their names, whose hooks an earlier version wrote. */
  staleHooks(): Promise<readonly string[]>;
  /** Eight unpredictable bytes in hexadecimal. */
  nonce(): string;
}

/** One call of a tool. */
export interface Call {
  readonly parts: McpParts;
  /** The client's own name; null when it gives none. */
  readonly client: string | null;
  /** The call's own `_meta`: the client's facts about the calling session. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Aborted when the client cancels the call. */
  readonly signal: AbortSignal;
}
