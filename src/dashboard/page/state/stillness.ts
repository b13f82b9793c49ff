/**
 * Decides when the page rests: while it is hidden, and after a period without events and without a
 * person's input. The drawing stays; permanent motion pauses.
 */

import { isHidden, now, onAttention, onVisibility, pause } from "./browser.ts";
import { witness } from "./state.ts";

/** Each peer's heartbeat comes about every 30 s: a live network never rests. */
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
