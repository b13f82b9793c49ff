/** A program that lives runs: prints the history of each, the same in every process. */

import { simulate } from "./run.ts";

for (const seed of process.argv.slice(2)) console.log((await simulate(Number(seed))).history);
