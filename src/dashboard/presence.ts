/**
 * Decides how long a session waits for its tabs. A tab that said that it leaves may reload within a
 * minute. A tab that ended silently was discarded by its browser, which loads it again when its
 * person comes back. Knows no request.
 */

import { sessionAwayMs } from "../contract/limits/dashboard.ts";
import { secretLifeMs, sessionIdleMs } from "../contract/limits.ts";
import type { Cancel, Timers } from "../platform/effects.ts";

/**
 * The reason for a session's end: its link was never used, its tab is gone, or the server ended it.
 */
export type SessionEnd = "unused" | "left" | "closed";

/** The presence of a session's tabs. */
export interface Presence {
  /** Begins to wait for a tab that used the link. */
  begin(): void;
  /** Notes that a tab is present, until the returned function is called. */
  enter(tab: string): () => void;
  /** Notes that a page came back: a reload, a copy, or a tab that was discarded. */
  comeBack(): void;
  /** Notes that a tab is about to leave. */
  leave(tab: string): void;
  /** Waits no longer. */
  cancel(): void;
}

/** Waits for the use of a link, and then for its tabs to be gone. */
export function presenceOf(timers: Timers, end: (why: SessionEnd) => void): Presence {
  const present = new Map<string, number>();
  const leaving = new Set<string>();
  const discarded = new Set<string>();
  let cancel: Cancel = timers.after(secretLifeMs, () => end("unused"));
  let isOver = false;
  const begin = (): void => {
    cancel();
    if (present.size > 0 || isOver) return;
    const ms = discarded.size > 0 ? sessionAwayMs : sessionIdleMs;
    cancel = timers.after(ms, () => end("left"));
  };
  const exit = (tab: string): void => {
    const left = (present.get(tab) ?? 1) - 1;
    if (left > 0) present.set(tab, left);
    else {
      present.delete(tab);
      if (!leaving.has(tab)) discarded.add(tab);
    }
    begin();
  };
  return {
    begin,
    enter: (tab) => {
      present.set(tab, (present.get(tab) ?? 0) + 1);
      // A page that its browser froze on leaving may be shown again as it was.
      leaving.delete(tab);
      discarded.delete(tab);
      cancel();
      let isThere = true;
      return () => {
        if (isThere) exit(tab);
        isThere = false;
      };
    },
    comeBack: () => {
      deleteOldest(discarded);
      begin();
    },
    leave: (tab) => {
      leaving.add(tab);
      discarded.delete(tab);
      begin();
    },
    cancel: () => {
      isOver = true;
      cancel();
    },
  };
}

/** A page has another number after a reload: any discarded tab may be the one that is back. */
function deleteOldest(tabs: Set<string>): void {
  const [oldest] = tabs;
  if (oldest !== undefined) tabs.delete(oldest);
}
