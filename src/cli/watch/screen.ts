/**
 * The screen of `peernet watch`: draws the list as it changes, and carries out the person's keys.
 */

import { PeernetError } from "../../contract/errors.ts";
import { notifyEveryMs } from "../../contract/limits/watch.ts";
import type { Io } from "../terminal/io.ts";
import { type Drawn, type Row, ring, screenText, takeScreen } from "../terminal/output.ts";
import { type Key, keysIn } from "./keys.ts";
import { type ListRow, listOf, type SessionList } from "./list.ts";
import { openMail, openRow } from "./opened.ts";
import { columns, headOf, rowsOf } from "./rows.ts";
import { afterEvent, unknownState, type WatchState } from "./state.ts";

/** The choices of a person who watches. */
export interface Watching {
  /** Rings when a session, or a task, begins to wait for a person. */
  readonly notify: boolean;
}

/** The interval of redrawing ages; the list itself is drawn when it changes. */
const agesMs = 1_000;
/** The pause before looking again for a daemon that ended. */
const returnMs = 1_000;

interface View {
  state: WatchState;
  /** The key of the chosen row, so that it stays chosen when rows move. */
  chosen: string;
  /** Lines in place of the list until the next key. */
  overlay: readonly Row[] | null;
  /** The reason why the list does not change now, or null. */
  trouble: string | null;
}

/** Draws until the person ends it; returns the exit code. */
export async function watchScreen(io: Io, watching: Watching): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const abort = new AbortController();
  const view: View = { state: unknownState, chosen: "", overlay: null, trouble: null };
  const screen = takeScreen(io);
  const draw = (): void => screen.draw(screenText(io, drawn(io, view)));
  const bell = belling(io, watching);
  const press = (key: Key): void => {
    if (key === "quit") ended.resolve(0);
    else if (view.overlay !== null) view.overlay = null;
    else act({ io, view, draw }, key);
    draw();
  };
  const cancels = [
    io.onKeys((text) => keysIn(text).forEach(press)),
    io.onResize(draw),
    io.onInterrupt(() => ended.resolve(0)),
    io.timers.every(agesMs, draw),
  ];
  const change = (apply: (view: View) => void): void => {
    const before = view.state;
    apply(view);
    bell(before, view.state);
    draw();
  };
  try {
    draw();
    return await Promise.race([ended.promise, follow(io, abort.signal, change)]);
  } finally {
    abort.abort();
    for (const cancel of cancels) cancel();
    screen.end();
  }
}

/** Follows the feed; when the daemon ends, waits for it. @throws for any other failure */
async function follow(
  io: Io,
  signal: AbortSignal,
  change: (apply: (view: View) => void) => void,
): Promise<never> {
  for (;;) {
    try {
      let state = unknownState;
      for await (const event of io.calls().watch({}, { signal })) {
        state = afterEvent(state, event, io.clock.monotonicMs());
        // The complete state comes first: half of it would make sessions seem to end.
        const { isReady } = state;
        if (isReady) change((view) => Object.assign(view, { state, trouble: null }));
      }
    } catch (error) {
      const isAway = error instanceof PeernetError && away.has(error.code);
      if (!isAway || signal.aborted) throw error;
    }
    change((view) => Object.assign(view, { trouble: "the daemon does not run; waiting for it" }));
    await new Promise<void>((resolve) => io.timers.after(returnMs, resolve));
  }
}

const away: ReadonlySet<string> = new Set(["daemon_not_running", "daemon_silent"]);

function drawn(io: Io, view: View): Drawn {
  const list = listOf(view.state, io.clock.monotonicMs());
  const { columns: width } = io.terminal();
  const head: Row = { cells: [{ text: "peernet watch", style: "bold" }, headOf(list)] };
  if (view.overlay !== null) {
    const entries = [view.overlay];
    return { head, entries, chosen: -1, columns: [{ gap: 3 }, { gap: 3 }], foot: "any key: back" };
  }
  const begins = [[{ cells: [{ text: "asking the daemon", style: "dim" } as const] }]];
  const entries = view.state.isReady ? rowsOf(list, width) : begins;
  const foot = view.trouble ?? "↑↓ choose · Enter asks · m messages · p previews · q quits";
  return { head, entries, chosen: chosenAt(list, view.chosen), columns, foot };
}

const keyOf = (row: ListRow): string =>
  row.kind === "session" ? row.handle : row.kind === "machine" ? `machine ${row.name}` : row.kind;

/** The index of the chosen row; the first when the chosen one has gone. */
function chosenAt({ rows }: SessionList, chosen: string): number {
  const at = rows.findIndex((row) => keyOf(row) === chosen);
  return rows.length === 0 ? -1 : Math.max(0, at);
}

interface Acting {
  readonly io: Io;
  readonly view: View;
  readonly draw: () => void;
}

function act({ io, view, draw }: Acting, key: Key): void {
  const list = listOf(view.state, io.clock.monotonicMs());
  const at = chosenAt(list, view.chosen);
  const row = list.rows[at];
  if (row === undefined) return;
  const choose = (index: number): void => {
    const next = list.rows[Math.min(Math.max(0, index), list.rows.length - 1)];
    if (next !== undefined) view.chosen = keyOf(next);
  };
  if (key === "up") choose(at - 1);
  else if (key === "down") choose(at + 1);
  else if (key === "first") choose(0);
  else if (key === "last") choose(list.rows.length - 1);
  else if (key === "enter" || key === "preview" || key === "mail") {
    const show = (rows: readonly Row[]): void => {
      // The person may have gone back meanwhile.
      if (view.overlay !== null) view.overlay = rows;
      draw();
    };
    view.overlay = [];
    if (key === "mail") openMail(io, row.kind === "session" ? row.handle : null, show);
    else openRow(io, { row, previews: key === "preview" }, show);
  }
}

/** Rings when a session or a task begins to wait, at a tolerable rate. */
function belling(io: Io, { notify }: Watching): (before: WatchState, after: WatchState) => void {
  let rungMs = Number.NEGATIVE_INFINITY;
  return (before, after) => {
    if (!notify || !before.isReady) return;
    const nowMs = io.clock.monotonicMs();
    const waited = waitingIn(before, nowMs);
    const isNew = [...waitingIn(after, nowMs)].some((handle) => !waited.has(handle));
    const isHeld = (after.tasks?.held ?? 0) > (before.tasks?.held ?? 0);
    if (!(isNew || isHeld) || nowMs - rungMs < notifyEveryMs) return;
    rungMs = nowMs;
    ring(io);
  };
}

const waitingIn = (state: WatchState, nowMs: number): ReadonlySet<string> =>
  new Set(
    listOf(state, nowMs).rows.flatMap((row) =>
      row.kind === "session" && row.state === "waiting" ? [row.handle] : [],
    ),
  );
