/**
 * Decides about the pairing window: whether it is open to an origin, and the cost of an attempt.
 * The code is a value in memory that vanishes with the window; it is never written.
 */

import { accept, type Outcome, refuse } from "../contract/errors.ts";
import { attemptsMax, codeDigits, windowLifeMs } from "../contract/limits.ts";
import type { Scope } from "../contract/terms.ts";

/** One window. A value: each change makes a new one. */
export interface Window {
  readonly code: string;
  readonly expires_monotonic_ms: number;
  readonly attempts_left: number;
  /** Addresses of refused confirms, in their order. */
  readonly refused_from: readonly string[];
  /** The only source that may pair, or null for any. */
  readonly from: string | null;
  /** True when it admits tailnet machines of other users. */
  readonly any_user: boolean;
  /** The scopes that the pairing machine will receive. */
  readonly grant: readonly Scope[];
}

/** The state of a window at an instant. */
export type WindowState = "open" | "burned" | "expired";

/** A pairing code: uniform, with its leading zeros. */
export const pairingCodeFrom = (number: number): string => String(number).padStart(codeDigits, "0");

/** The number of codes. */
export const codesCount = 10 ** codeDigits;

/** Opens a window. */
export const openWindow = (
  asked: Pick<Window, "code" | "from" | "any_user" | "grant">,
  monotonicMs: number,
): Window => ({
  ...asked,
  expires_monotonic_ms: monotonicMs + windowLifeMs,
  attempts_left: attemptsMax,
  refused_from: [],
});

/** The state of a window at an instant; its last millisecond is the one before the deadline. */
export function windowState(window: Window, monotonicMs: number): WindowState {
  if (window.attempts_left <= 0) return "burned";
  return monotonicMs < window.expires_monotonic_ms ? "open" : "expired";
}

/** True when a source may use a window now. Every other source learns that none is open. */
export const isOpenTo = (window: Window | null, source: string, monotonicMs: number): boolean =>
  window !== null &&
  windowState(window, monotonicMs) === "open" &&
  (window.from === null || window.from === source);

/**
 * Spends one attempt, before the tag is checked: a crash or a failed commit never gives one back.
 * Refuses with {window_closed}.
 */
export function claimAttempt(
  window: Window | null,
  source: string,
  monotonicMs: number,
): Outcome<Window> {
  if (window === null || !isOpenTo(window, source, monotonicMs)) return refuse("window_closed");
  return accept({
    ...window,
    attempts_left: window.attempts_left - 1,
    refused_from: [...window.refused_from, source],
  });
}

/** Refuses a confirm, with the attempts left. {code_rejected} {code_burned} */
export function refuseConfirm(window: Window): Outcome<never> {
  if (window.attempts_left <= 0) return refuse("code_burned", { details: { attempts_left: 0 } });
  return refuse("code_rejected", { details: { attempts_left: window.attempts_left } });
}
