/** `peernet outbox` and `outbox drop`: the entries that wait for peers. */

import type { ShownOutboxEntry } from "../../contract/reach/outbox.ts";
import { shortId } from "../../contract/text/ids.ts";
import { ago, left, leftText } from "../../contract/text/words.ts";
import { command } from "../frame/command.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine, printTable, type Row } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";

/** Shows the entries that wait for peers; starts nothing. */
export const outbox = command({
  flags: {},
  async run({ io, json }) {
    const output = await io.calls().outbox({});
    if (json) printJson(io, output);
    else printEntries(io, output.entries);
    return 0;
  },
});

/** Gives one entry up. */
export const drop = command({
  flags: {},
  examples: ["peernet outbox drop 7f3a"],
  async run({ io, words: [id = ""], json }) {
    const output = await io.calls()["outbox/drop"]({ id: id.toLowerCase() });
    if (json) printJson(io, output);
    else if (output.outcome === "dropped") printLine(io, "dropped; it did not leave");
    else printLine(io, "dropped; it was under way, and may have arrived");
    return 0;
  },
});

const heads: Row = {
  cells: ["ID", "FOR", "WHAT", "SINCE", "STATE"].map((text) => ({ text, style: "dim" })),
};

function printEntries(io: Io, entries: readonly ShownOutboxEntry[]): void {
  if (entries.length === 0) {
    note(io, "nothing waits to reach a peer");
    return;
  }
  const ids = entries.map(({ id }) => id);
  const rows = entries.map((entry): Row => {
    const state = entry.stuck
      ? ({ text: `stuck: ${counted(entry.failures, "failure")} there`, style: "bad" } as const)
      : `${timeLeft(entry.expires_in_ms)} left`;
    return { cells: [shortId(entry.id, ids), entry.peer, entry.kind, ago(entry.age_ms), state] };
  });
  printTable(io, [heads, ...rows], [{ gap: 3 }, { gap: 3 }, { gap: 3 }, { gap: 3 }]);
}

/** The time left, to the second only in its last hour. */
const timeLeft = (ms: number): string => (ms < 3_600_000 ? left(ms) : leftText(ms));
