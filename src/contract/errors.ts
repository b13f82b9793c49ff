/**
 * The one error class and the table of its codes.
 * Loads no zod, so that the fast paths of the command line may import it.
 */

import { attemptsMax, bodyBytesMax, handlesMax, peersMax } from "./limits.ts";
import { grouped } from "./text/numeral.ts";

interface ErrorRow {
  /** HTTP status on either API, or null when the error never crosses one. */
  readonly status: number | null;
  /** Exit code of the command line. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 70;
  /** True when the same call may succeed later without a change. */
  readonly retry: boolean;
  readonly message: string;
  readonly hint: string;
}

const row = (
  codes: readonly [number | null, ErrorRow["exit"], boolean?],
  message: string,
  hint: string,
): ErrorRow => ({ status: codes[0], exit: codes[1], retry: codes[2] ?? false, message, hint });

/** Every code with its HTTP status, exit code, and the default texts. */
export const errorTable = {
  bad_request: row([400, 2], "the request is not valid", "peernet help"),
  body_too_large: row([413, 2], `the request is over ${bodyBytesMax / 1_024} KiB`, "send less"),
  unsupported_media: row([415, 2], "the request is not JSON", "send content-type application/json"),
  operation_unknown: row([404, 2], "there is no such operation", "peernet version"),
  unauthenticated: row([401, 4], "the credential is missing or not accepted", "peernet pair"),
  peer_refused: row([403, 4], "the peer no longer accepts this machine", "peernet pair"),
  scope_denied: row(
    [403, 4],
    "this machine may not do that there",
    "on that machine run: peernet peers",
  ),
  not_a_person: row(
    [403, 4],
    "a coding agent runs this, and only a person may do that",
    "type it in a terminal of your own",
  ),
  code_rejected: row([403, 4], "that is not the code shown there", "peernet pair"),
  origin_unverified: row([403, 4], "the origin could not be verified", "tailscale status"),
  fingerprint_mismatch: row(
    [403, 4],
    "another machine answers at that address",
    "compare the fingerprints, then pair again",
  ),
  certificate_unusable: row(
    [403, 4],
    "the other machine's certificate could not be dialled",
    "give that machine a certificate as docs/protocol.md describes it",
  ),
  handle_unknown: row([404, 1], "no such handle is live", "peernet status"),
  peer_unknown: row([404, 1], "no such peer", "peernet peers"),
  handle_held: row([409, 1], "another session holds that handle", "peernet status"),
  policy_invalid: row([409, 2], "the policy is not valid", "peernet policy edit"),
  policy_refused: row([403, 4], "that machine's policy does not allow it", "peernet peers"),
  repository_unknown: row(
    [404, 1],
    "no such repository is readable there",
    "on that machine run: peernet policy show",
  ),
  path_unknown: row([404, 1], "no such path is in that commit", "peernet ls MACHINE:REPOSITORY"),
  too_large: row([413, 2], "the file is too large to be read", "git fetch it instead"),
  reading_gone: row([410, 5, true], "the reading has ended", "read again"),
  not_ready: row([503, 5, true], "that machine cannot read now", "on that machine: peernet doctor"),
  sandbox_unsafe: row(
    [503, 4],
    "that machine has no sandbox to read in",
    "on that machine run: peernet doctor",
  ),
  task_state: row([409, 1], "the task is in no state for that", "peernet tasks"),
  task_limit: row([409, 5, true], "too many tasks of this machine wait there", "peernet tasks"),
  id_unknown: row([404, 1], "nothing here has that id", "peernet audit"),
  id_several: row([409, 2], "several ids end so", "type more of it"),
  id_conflict: row([409, 1], "that id was used for something else", "use a new id"),
  outbox_full: row([409, 5, true], "too much waits for that peer", "peernet outbox"),
  no_handle: row([409, 1], "this session has no handle", "activate_session, or peernet activate"),
  inbox_full: row([409, 5, true], "that mailbox is full", "peernet inbox, on that machine"),
  message_refused: row([403, 4], "the message was refused", "peernet receipts ID"),
  message_expired: row([410, 5, true], "the message is too old", "send it again"),
  outbound_refused: row(
    [403, 4],
    "a model may not write to that machine",
    "a person may: peernet send, in a terminal",
  ),
  wait_limit: row([409, 5, true], "too many waits are open there", "end a wait, then wait again"),
  lease_lost: row([409, 1], "the lease is no longer held", "peernet activate"),
  lease_limit: row(
    [409, 1],
    `this machine has ${grouped(handlesMax)} handles already`,
    "peernet deactivate NAME",
  ),
  topic_limit: row(
    [409, 1],
    "no more subscriptions fit on this machine",
    "peernet unsubscribe TOPIC, of one that peernet subscriptions lists",
  ),
  peer_limit: row(
    [409, 1],
    `this machine has ${grouped(peersMax)} peers already`,
    "peernet unpair NAME",
  ),
  window_closed: row([409, 1], "no pairing window is open there", "peernet pair --open"),
  code_burned: row(
    [409, 1],
    `the window burned after ${attemptsMax} wrong codes`,
    "peernet pair --open",
  ),
  window_none: row([null, 1], "no open window found", "peernet pair --open"),
  window_several: row([null, 2], "several pairing windows are open", "peernet pair --to NAME"),
  version_unsupported: row([426, 1], "the versions do not fit together", "update peernet"),
  rate_limited: row([429, 5, true], "too many calls at once", "wait a second, then try again"),
  peer_unreachable: row([502, 5, true], "the peer cannot be reached", "peernet status"),
  peer_timeout: row([504, 5, true], "the peer did not answer in time", "peernet status"),
  daemon_not_running: row([503, 3], "the daemon is not running", "peernet start"),
  daemon_silent: row([504, 3], "the daemon does not answer", "peernet stop, then peernet start"),
  daemon_running: row([null, 3], "another daemon runs on this home", "peernet status"),
  port_in_use: row([null, 3], "the port is used by another program", "set listen.port = 0"),
  state_unsafe: row([null, 3], "the state folder is not safe to use", "chmod 700 ~/.peernet"),
  database_newer: row([null, 3], "the database is from a newer version", "update peernet"),
  database_damaged: row([null, 3], "the database is damaged", "restore it from a backup"),
  storage_full: row([507, 70, true], "no space is left on the disk", "free some space"),
  internal: row(
    [500, 70],
    "something inside peernet failed",
    "look at daemon.log in the state folder",
  ),
} as const satisfies Record<string, ErrorRow>;

/** A stable, documented name of one way to fail. */
export type ErrorCode = keyof typeof errorTable;

/** Facts that a program may need besides the code; the error reference names them per code. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error as it crosses a boundary: the value of `error` in every reply that is not 2xx. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly details?: ErrorDetails;
}

/** Texts and details that replace the table's own. */
export interface ErrorTexts {
  readonly message?: string;
  readonly hint?: string;
  readonly details?: ErrorDetails;
}

/** A refusal: a code for programs, a message and one action for people. */
export class PeernetError extends Error {
  override readonly name = "PeernetError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, texts: ErrorTexts = {}) {
    super(texts.message ?? errorTable[code].message);
    this.code = code;
    this.hint = texts.hint ?? errorTable[code].hint;
    this.details = texts.details;
  }

  /** The form of the error on either API. */
  get body(): ErrorBody {
    const { code, message, hint, details } = this;
    return details === undefined ? { code, message, hint } : { code, message, hint, details };
  }
}

/** True when a string is one of our codes. */
export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(errorTable, code);

/**
 * A decision that may be a refusal. Inside a transaction a refusal is a value: thrown there, it
 * would roll back the attempt it spent and its own audit record.
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: PeernetError };

/** Accepts, with the decided value. */
export const accept = <T>(value: T): Outcome<T> => ({ ok: true, value });

/** Refuses with a given error. */
export const refuseWith = (error: PeernetError): Outcome<never> => ({ ok: false, error });

/** Refuses, with the table's texts unless others are given. */
export const refuse = (code: ErrorCode, texts?: ErrorTexts): Outcome<never> =>
  refuseWith(new PeernetError(code, texts));

/** Unwraps a decision outside its transaction. @throws the refusal */
export function settle<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw outcome.error;
}
