/** Lines of root's files: each acts once, until it is changed. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { linesOf } from "../../../src/cli/trust/lines.ts";
import { machine } from "../../support/daemon.ts";

const fingerprint = `sha256:${"A".repeat(43)}`;
const linesAre = (text: string) => ({ trusted: linesOf(text, { wide: true }) });

test("a line of root's files acts once, and not again after an untrust", async () => {
  const line = `${fingerprint} builder mine`;
  const expectedOf = async (on: Awaited<ReturnType<typeof machine>>) =>
    (await on.calls.peers({})).expected ?? [];
  const first = await machine("mini", linesAre(line));
  await using _first = first;
  expect(await expectedOf(first)).toMatchObject([{ fingerprint, name: "builder", mine: true }]);
  await first.calls.untrust({ fingerprint });
  // The same line acts no more; a changed one does.
  await first.daemon.stop();
  const same = await machine("mini", { home: first.home, ...linesAre(line) });
  expect(await expectedOf(same)).toEqual([]);
  await same.daemon.stop();
  const changed = linesAre(`${fingerprint} builder ask`);
  const other = await machine("mini", { home: first.home, ...changed });
  expect(await expectedOf(other)).toMatchObject([{ scopes: ["ask"], mine: false }]);
  await other.daemon.stop();
});

test("a line of root's files that is refused is logged, and the daemon starts", async () => {
  const lines = linesAre(`${fingerprint} mini ask`);
  await using mini = await machine("mini", lines);
  expect((await mini.calls.peers({})).expected ?? []).toEqual([]);
  expect(readFileSync(join(mini.home, "daemon.log"), "utf8")).toContain("trust_refused");
});
