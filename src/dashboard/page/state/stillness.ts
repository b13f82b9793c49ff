/**
 * When the page holds still: while nobody can see it, and when for a while nothing has happened
 * and nobody has moved. Whatever is drawn stays; what moves without end is held.
 */

import { isHidden, now, onAttention, onVisibility, pause } from "./browser.ts";
import { witness } from "./state.ts";

/** Heartbeats come about every 30 s from each peer: a network that lives does not rest. */
const restMs = 40_000;
const lookMs = 5_000;

/** Keeps the page at rest when it should be, until it is closed. */
export async function keepRest(): Promise<never> {
  let wokenMs = now();
  let isAtRest = false;
  const show = (): void => {
    const next = isHidden() || now() - wokenMs > restMs;
    if (next !== isAtRest) document.documentElement.classList.toggle("at-rest", next);
    isAtRest = next;
  };
  const wake = (): void => {
    wokenMs = now();
    if (isAtRest) show();
  };
  witness(wake);
  onAttention(wake);
  onVisibility(show);
  for (;;) {
    show();
    await pause(lookMs);
  }
}
