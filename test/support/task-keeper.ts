/**
 * A keeper of tasks for tests, run by an ordinary user: carries out each errand that it reads, one
 * JSON line each, and answers by a line. usage: bun task-keeper.ts STATE EXECUTABLE
 */

import { taskRunners } from "../../src/main/tasks.ts";

const [state = "", executable = ""] = process.argv.slice(2);
process.umask(0o077);
const runners: Readonly<Record<string, (input: never, signal: AbortSignal) => Promise<unknown>>> = {
  ...(await taskRunners(state, executable)),
};
const { signal } = new AbortController();

for await (const line of console) {
  const { id, kind, input } = JSON.parse(line);
  const run = runners[kind];
  void run?.(input as never, signal).then(
    (output) => console.log(JSON.stringify({ id, output })),
    (error) => console.log(JSON.stringify({ id, error: String(error) })),
  );
}
