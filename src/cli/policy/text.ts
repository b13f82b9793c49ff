/** A policy as a command shows it. */

import type { PolicyOutput } from "../../contract/policy/rows.ts";
import { noteLoose } from "../frame/policy-names.ts";
import type { Io } from "../terminal/io.ts";
import { note, printBlock, printFileLines, printLine, type Row } from "../terminal/output.ts";

/** Shows what peers may read and run, and which names do not count. */
export function printReaders(io: Io, { state, readers, runs, loose }: PolicyOutput): void {
  if (state === "absent") {
    note(io, "no policy: no machine may read or run anything here");
    return;
  }
  const rows = readers.map(
    ({ peer, repository, refs }): Row => ({
      cells: [peer, `may read ${repository} at ${refs.join(", ")}`],
    }),
  );
  const running = runs.map(
    ({ peer, repository, profiles }): Row => ({
      cells: [peer, `may run ${profiles.join(", ")} in ${repository}`],
    }),
  );
  if (rows.length + running.length === 0) {
    note(io, "by this policy no machine may read or run anything here");
  }
  printBlock(io, [...rows, ...running], [{ gap: 2 }]);
  noteLoose(io, loose);
}

/** Shows the lines that a change adds and removes. */
export function noteChange(
  io: Io,
  { added, removed }: { readonly added: readonly string[]; readonly removed: readonly string[] },
): void {
  for (const line of removed) note(io, `  - ${line}`);
  for (const line of added.filter((each) => each !== "")) note(io, `  + ${line}`);
}

/** Prints the file as it is. */
export function printPolicy(io: Io, text: string): void {
  printFileLines(io, text.replace(/\n$/, "").split("\n"));
  printLine(io);
}
