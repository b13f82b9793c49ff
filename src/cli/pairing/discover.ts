/** `peernet discover`: the machines found, and whether each may be paired with. */

import type { Candidate, DiscoverOutput } from "../../contract/discovery.ts";
import { took } from "../../contract/text/words.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine, printTable, type Row } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import { reasons, searchedPhrase, whence } from "./find.ts";

/** Searches once, and shows the machines found. */
export const discover = command({
  flags: {},
  async run({ io, json }) {
    const output = await started(io, () => io.calls().discover({}));
    if (json) printJson(io, output);
    else printFound(io, output);
    return 0;
  },
});

const columns = [{ gap: 3 }, { gap: 3 }, { gap: 3 }];

function printFound(io: Io, { candidates, unreachable, searched, took_ms }: DiscoverOutput): void {
  if (candidates.length > 0) {
    const heads = ["MACHINE", "ADDRESS", "FOUND ON", "PAIRING"];
    const head: Row = { cells: heads.map((text) => ({ text, style: "dim" })) };
    printTable(io, [head, ...candidates.map(rowOf)], columns);
  }
  const silent =
    unreachable === 0 ? "" : `, ${counted(unreachable, "address", "addresses")} silent`;
  printLine(io, `${counted(candidates.length, "machine")} found${silent} · ${took(took_ms)}`);
  note(io, searchedPhrase(searched));
}

const rowOf = (candidate: Candidate): Row => ({
  cells: [
    { text: candidate.name, style: "bold" },
    candidate.address,
    whence(candidate),
    pairing(candidate),
  ],
});

function pairing({ paired, window_open, refusal }: Candidate): string {
  const window = window_open ? "window open" : "no window open";
  if (paired !== null)
    return window_open ? `paired as ${paired}, window open` : `paired as ${paired}`;
  return refusal === null ? window : `${window}; only with --any-user: ${reasons[refusal]}`;
}
