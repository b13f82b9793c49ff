/**
 * A process that appends to the store at a path until it is ended, three records to a commit, and
 * prints the number of the last record of each commit once that was told to be durable.
 */

import { writeSync } from "node:fs";
import { draft, open } from "./opened.ts";

const [path = "", commits = "1000000"] = process.argv.slice(2);
const store = open(path);
const append = (): Promise<number> =>
  store.transact(({ audit, leases }) => {
    leases.nextGeneration();
    return { value: audit.append(draft({ text: "q".repeat(200) })).seq };
  });

for (let commit = 0; commit < Number(commits); commit += 1) {
  const [, , last] = await Promise.all([append(), append(), append()]);
  writeSync(1, `${last}\n`);
}
