/**
 * The pairing window that this page opened, if any: its code, its events, its end. The code lives
 * in this page's memory alone, so that a person may look at it again while the window is open.
 */

import { effect, signal } from "@preact/signals";
import { attemptsMax } from "../../../contract/limits.ts";
import type { OpenEvent, Paired } from "../../../contract/pairing.ts";
import { now } from "../state/browser.ts";
import { dialog } from "../state/selection.ts";
import { call, type Failure, listen } from "../state/server.ts";

/** The event that shows the code. */
export type Shown = Extract<OpenEvent, { event: "opened" }>;

/** The window's state from its events so far. */
export interface OpenedHere {
  readonly shown: (Shown & { readonly toldMs: number }) | null;
  readonly attempts: number;
  /** Events in words, newest first. */
  readonly said: readonly string[];
  readonly end: string | null;
  readonly paired: Paired | null;
  readonly error: Failure | null;
}

const nothing: OpenedHere = {
  shown: null,
  attempts: attemptsMax,
  said: [],
  end: null,
  paired: null,
  error: null,
};
const saidMax = 4;

/** The window that this page opened last; null before the first, and once it was put away. */
export const openedHere = signal<OpenedHere | null>(null);

/** True while the code of an open window can be shown. */
export const hasCode = (): boolean => {
  const told = openedHere.value;
  return told !== null && told.end === null && told.paired === null && told.error === null;
};

let leaving: AbortController | null = null;

/** Opens a window; the stream of its events keeps it open. */
export async function openHere(): Promise<void> {
  leaving?.abort();
  leaving = new AbortController();
  const { signal: over } = leaving;
  openedHere.value = nothing;
  const change = (next: (told: OpenedHere) => OpenedHere): void => {
    if (!over.aborted) openedHere.value = next(openedHere.value ?? nothing);
  };
  const event = (next: OpenEvent): void => {
    change((told) => after(told, next));
    // A person who looked elsewhere meanwhile must see who was paired.
    if (next.event === "paired" && !over.aborted) dialog.value = "code";
  };
  const input = { grant: ["ask" as const], from: null, any_user: false };
  const error = await listen("pair/open", input, { listener: { event }, signal: over });
  if (error !== null) change((told) => ({ ...told, error }));
}

/** Closes the window, wherever its code is shown. */
export async function closeWindow(): Promise<void> {
  const isHere = hasCode();
  leaving?.abort();
  openedHere.value = null;
  if (!isHere) await call("pair/close", {});
}

// A window that has ended is put away with its dialog.
effect(() => {
  if (dialog.value === null && openedHere.value !== null && !hasCode()) openedHere.value = null;
});

const endings: Readonly<Record<string, string>> = {
  burned: `The window burned after ${attemptsMax} wrong codes.`,
  expired: "The window expired; nobody typed the code.",
  closed: "The window was closed: another one was opened, or the daemon stopped.",
};

/** The state after one more event. */
function after(told: OpenedHere, event: OpenEvent): OpenedHere {
  const line = lineOf(event);
  return {
    ...told,
    said: line === null ? told.said : [line, ...told.said].slice(0, saidMax),
    shown: event.event === "opened" ? { ...event, toldMs: now() } : told.shown,
    attempts: event.event === "attempt_failed" ? event.attempts_left : told.attempts,
    end: endings[event.event] ?? told.end,
    paired: event.event === "paired" ? event : told.paired,
  };
}

function lineOf(event: OpenEvent): string | null {
  if (event.event === "attempt_failed") return `Wrong code from ${event.from}`;
  if (event.event === "origin_refused") return `${event.from} was refused: ${event.reason}`;
  if (event.event === "evicted") return `An unfinished attempt from ${event.from} made place`;
  if (event.event === "unacknowledged") {
    return `${event.from} typed the code; waiting to hear of it`;
  }
  if (event.event === "burned") return `Codes came from ${event.from.join(", ")}`;
  return null;
}
