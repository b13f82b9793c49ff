/** What the MCP server is given: the outside world of its calls. Types only. */

import type { Control } from "../../contract/control.ts";
import type { Calls } from "../../contract/operation/operation.ts";
import type { Clock, Timers } from "../../platform/effects.ts";
import type { Starting } from "../../session/started.ts";

/** The rows that a model's call may lead to. None of them is about pairing: that is a person's. */
export type ModelRow =
  | "status"
  | "peers"
  | "ask"
  | "activate"
  | "deactivate"
  | "summary"
  | "leases";

/** The outside world of the server. */
export interface McpParts extends Starting {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The state folder; it may not be there yet. */
  readonly home: string;
  /** This process's own number. */
  readonly pid: number;
  cwd(): string;
  readonly version: { readonly version: string };
  readonly clock: Clock;
  readonly timers: Timers;
  /** Calls of this home's daemon; starts nothing. @throws {state_unsafe} */
  calls(): Pick<Calls<Control>, ModelRow>;
  /** Sees to it that this home's keeper runs. */
  ensureKeeper(): Promise<void>;
  /** Why no daemon answers, as the state folder tells it; makes nothing. @throws {state_unsafe} */
  whyDown(): "stopped" | "not_running" | "not_set_up";
  /** Eight unpredictable bytes in hexadecimal. */
  nonce(): string;
}

/** One call of a tool. */
export interface Call {
  readonly parts: McpParts;
  /** What the client calls itself; null where it does not say. */
  readonly client: string | null;
  /** The call's own `_meta`: what a client tells of the session it is made in. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Aborted when the client takes the call back. */
  readonly signal: AbortSignal;
}
