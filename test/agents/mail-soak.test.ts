/**
 * Random rounds of messages to real clients, whose hooks, servers and daemon are killed at random:
 * each text stands in the conversation once. Prints its figures; runs with --agents and --long.
 */

import { expect } from "bun:test";
import { join } from "node:path";
import { firstSeed as seed } from "../support/histories.ts";
import { longWanted, skipUnless } from "../support/skip.ts";
import { withClients } from "./support/driving.ts";

const rounds = 12;
/** A round takes 6 to 25 s; a soak that takes longer hangs. */
const soakMs = 900_000;
const script = join(import.meta.dir, "support/soak-mail.ts");

const long = skipUnless(longWanted, "a soak of messages takes minutes: --long");
const test = longWanted ? withClients("claude", "codex") : long;

for (const client of ["claude", "codex"] as const) {
  test(
    `read_messages() gives each text once in ${rounds} random rounds of ${client}`,
    async () => {
      const command = [process.execPath, script, client, `${rounds}`, `${seed}`];
      const soak = Bun.spawn(command, { stderr: "inherit", timeout: soakMs });
      const said = await soak.stdout.text();
      const lines = said.trimEnd().split("\n");
      const figures = lines.filter((line) => !/^(round|seed:) ?/.test(line));
      console.log(`figure: soak-mail ${client} seed=${seed}\n${figures.join("\n")}`);
      const [, all, once] = /^(\d+) messages, (\d+) once; $/m.exec(said) ?? [];
      expect([await soak.exited, once, Number(all) >= rounds]).toEqual([0, all, true]);
    },
    soakMs + 30_000,
  );
}
