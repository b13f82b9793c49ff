/**
 * Grants as a diary: every act of a person with its instant. A request is judged by reading the
 * diary from its beginning. Shares no code with the product's decisions, and draws the acts.
 */

import type { GrantInput } from "../../src/contract/grants.ts";
import { Scope } from "../../src/contract/terms.ts";
import { type FactGroup, factGroups } from "../../src/contract/text/fact-groups.ts";
import type { At } from "../../src/core/grants.ts";
import type { Draw } from "./histories.ts";

/** One act of a person. */
export type GrantAct =
  | { readonly is: "grant"; readonly input: Omit<GrantInput, "name"> }
  | { readonly is: "revoke"; readonly scopes: readonly Scope[] | null }
  | { readonly is: "pause" | "resume" };

/** An act, and its instant by both clocks. */
export interface Written {
  readonly act: GrantAct;
  readonly at: At;
}

/** The rights of a use: the reason of a refusal, or the groups of facts that are let out. */
export type Naive = "scope" | "name" | Set<FactGroup>;

interface Page {
  readonly names: readonly string[] | null;
  readonly hidden: readonly FactGroup[];
  readonly forMs: number | null;
  readonly at: At;
}

/** True when a time has passed by either clock since a page was written. */
function isPast({ forMs, at }: Page, now: At): boolean {
  if (forMs === null) return false;
  const byWall = now.wallMs >= at.wallMs + forMs;
  // After a boot the clock shows at least how long the machine has run since.
  const hasBooted = now.bootMs < at.bootMs;
  const byBoot = (hasBooted ? now.bootMs : now.bootMs - at.bootMs) >= forMs;
  return byWall || byBoot;
}

/** Files of every repository are compared for a machine of one's own alone. */
function endOpenOverlap(open: Map<Scope, Page>, isMine: boolean): void {
  if (!isMine && open.get("overlap")?.names === null) open.delete("overlap");
}

/** Judges a use of a scope on a handle by reading a diary; null stands for the scope alone. */
export function naively(
  diary: readonly Written[],
  { scope, name }: { readonly scope: Scope; readonly name: string | null },
  now: At,
): Naive {
  let isPaused = false;
  let isMine = false;
  const open = new Map<Scope, Page>();
  for (const { act, at } of diary) {
    if (act.is === "pause" || act.is === "resume") isPaused = act.is === "pause";
    if (act.is === "revoke") {
      for (const each of act.scopes ?? Scope.options) open.delete(each);
      isMine = false;
      endOpenOverlap(open, isMine);
    }
    if (act.is !== "grant") continue;
    const { entries, hide, for_ms: forMs, mine } = act.input;
    for (const [each, page] of [...open]) if (isPast(page, at)) open.delete(each);
    const whole = Scope.options.map((each) => ({ scope: each, names: null }));
    for (const entry of mine ? whole : entries) {
      open.set(entry.scope, { names: entry.names, hidden: hide, forMs, at });
    }
    const hasNames = !mine && entries.some(({ names }) => names !== null);
    isMine = hide.length === 0 && forMs === null && !hasNames && (mine || isMine);
    endOpenOverlap(open, isMine);
  }
  const page = open.get(scope);
  if (isPaused || page === undefined || isPast(page, now)) return "scope";
  if (name !== null && page.names !== null && !page.names.includes(name)) return "name";
  return new Set(factGroups.filter((group) => isMine || !page.hidden.includes(group)));
}

const day = 86_400_000;

/** Draws an act. */
export function drawAct(draw: Draw, names: readonly string[]): GrantAct {
  const scopes = Scope.options.filter(() => draw.oneIn(2));
  if (draw.oneIn(6)) return { is: draw.pick(["pause", "resume"]) };
  if (draw.oneIn(4)) return { is: "revoke", scopes: draw.oneIn(3) ? null : scopes };
  const some = (): string[] | null =>
    draw.oneIn(2) ? null : [...new Set([draw.pick(names), draw.pick(names)])];
  const input = {
    entries: (scopes.length > 0 ? scopes : (["ask"] as const)).map((scope) => ({
      scope,
      names: some(),
    })),
    hide: draw.oneIn(2) ? [] : factGroups.filter(() => draw.oneIn(3)),
    for_ms: draw.oneIn(2) ? null : draw.between(60_000, 600_000),
    mine: draw.oneIn(8),
  };
  return { is: "grant", input };
}

/** Two clocks that run on, are set back and forward by up to 8 days, and boot. */
export interface DrawnClocks {
  now(): At;
  /** Lets some time pass, and something happen to the clocks. */
  pass(draw: Draw): void;
}

/** Makes clocks. */
export function drawnClocks(draw: Draw): DrawnClocks {
  let wallMs = 1_800_000_000_000;
  let bootMs = draw.below(1_000_000);
  return {
    now: () => ({ wallMs, bootMs }),
    pass: (from) => {
      const ms = from.below(from.oneIn(3) ? 600_000 : 60_000);
      wallMs += ms;
      bootMs += ms;
      if (from.oneIn(10)) wallMs += from.pick([-8, -1, 1, 8]) * day;
      if (from.oneIn(10)) bootMs = from.below(300_000);
    },
  };
}
