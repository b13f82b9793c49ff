/** A process that takes the lock at a path, says whether it has it, and ends with its stdin. */

import { writeSync } from "node:fs";
import { takeLock } from "../../src/store/lock.ts";

const lock = takeLock(process.argv[2] ?? "");
writeSync(1, lock === null ? "busy\n" : "held\n");
for await (const _ of Bun.stdin.stream());
lock?.release();
