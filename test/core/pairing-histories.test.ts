import { expect, test } from "bun:test";
import { attemptsMax, windowLifeMs } from "../../src/contract/limits.ts";
import {
  claimAttempt,
  isOpenTo,
  openWindow,
  pairingCodeFrom,
  type Window,
} from "../../src/core/pairing.ts";
import { type Draw, histories, historiesMs } from "../support/histories.ts";

const sources = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"];

/** One window in the model, separate from the product's own. */
interface Told {
  readonly from: string | null;
  readonly openedMs: number;
  claims: number;
  successes: number;
}

/** A machine on which windows are opened, and others that try codes. */
class Shell {
  window: Window | null = null;
  told: Told | null = null;
  nowMs = 1_000;

  /** True when a source must be admitted, by the promise alone. */
  mayTry(source: string): boolean {
    const { told, nowMs } = this;
    if (told === null || told.successes > 0 || told.claims >= attemptsMax) return false;
    if (nowMs - told.openedMs >= windowLifeMs) return false;
    return told.from === null || told.from === source;
  }

  open(draw: Draw): void {
    const from = draw.oneIn(2) ? draw.pick(sources) : null;
    const code = pairingCodeFrom(draw.below(1_000_000));
    this.window = openWindow({ code, from, any_user: false, grant: [] }, this.nowMs);
    this.told = { from, openedMs: this.nowMs, claims: 0, successes: 0 };
  }

  /** As the daemon does it: claims first, saves the remaining attempts, and only then compares. */
  tryCode(source: string, isRight: boolean): void {
    const isAllowed = this.mayTry(source);
    const before = this.window;
    expect(isOpenTo(before, source, this.nowMs)).toBe(isAllowed);
    const claimed = claimAttempt(before, source, this.nowMs);
    expect(claimed.ok).toBe(isAllowed);
    if (!claimed.ok || this.told === null || before === null) return;
    expect(claimed.value.attempts_left).toBe(before.attempts_left - 1);
    expect(claimed.value.attempts_left).toBeGreaterThanOrEqual(0);
    this.told.claims += 1;
    this.window = isRight ? null : claimed.value;
    if (isRight) this.told.successes += 1;
    expect(this.told.claims).toBeLessThanOrEqual(attemptsMax);
    expect(this.told.successes).toBeLessThanOrEqual(1);
  }
}

function live(draw: Draw): void {
  const shell = new Shell();
  for (let event = 0; event < 30; event += 1) {
    const happening = draw.below(10);
    if (happening === 0) shell.open(draw);
    else if (happening < 3) {
      const exact = [1, windowLifeMs - 1, windowLifeMs, windowLifeMs + 1];
      shell.nowMs += draw.oneIn(2) ? draw.below(30_000) : draw.pick(exact);
    } else if (happening === 3) {
      // A probe, by anyone, changes nothing.
      const before = JSON.stringify(shell.window);
      isOpenTo(shell.window, draw.pick(sources), shell.nowMs);
      expect(JSON.stringify(shell.window)).toBe(before);
    } else shell.tryCode(draw.pick(sources), draw.oneIn(5));
  }
}

test(
  "claimAttempt() lets nobody in past use, burning or expiry, nor gives back",
  async () => {
    await histories(5_000, live);
  },
  historiesMs,
);
