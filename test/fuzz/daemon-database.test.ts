/** The daemon on a database of which a disk changed some bytes: it starts, or says why not. */

import { expect } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadOrCreate } from "../../src/peer/identity.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { random, sha256 } from "../../src/platform/real.ts";
import { daemonOf } from "../faults/daemons.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { drawFrom } from "../support/histories.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { daemonUmask } from "../support/umask.ts";
import { damaged, made } from "./damage.ts";

const test = skipUnless(isBuilt, notBuilt);
const seed = Number(process.env.PEERNET_TEST_SEED ?? 1);
const count = faultsWanted ? 200 : 8;

const reader = { mode: 0o600 } as const;

/** The last line of a home's log. */
const lastLog = (folder: string): string =>
  readFileSync(join(folder, "daemon.log"), "utf8").trim().split("\n").at(-1) ?? "";

/** The end of a daemon on a home: a code at its start, or its trail's verification. */
async function endOf(folder: string): Promise<string> {
  const started = await daemonOf("mini", { folder }).catch(() => null);
  if (started === null) return String(JSON.parse(lastLog(folder)).code);
  await using mini = started;
  const refusal = (error: unknown): string => String(Object(error).code);
  const verified = await mini.calls["audit/verify"]({}).then(
    ({ ok }) => (ok ? "works" : "chain_broken"),
    refusal,
  );
  const shown = await mini.calls.status({}).then(() => null, refusal);
  expect(readFileSync(join(folder, "daemon.log"), "utf8")).not.toContain('"crashed"');
  return shown ?? verified;
}

test(
  `a daemon on ${count} damaged databases starts or says why not, and never crashes`,
  async () => {
    using _umask = daemonUmask();
    const folder = mkdtempSync(join(tmpdir(), "peernet-base-"));
    const { bytes } = await made(folder);
    const ends = new Map<string, number>();
    for (let index = 0; index < count; index += 1) {
      const home = mkdtempSync(join(tmpdir(), "peernet-damaged-"));
      loadOrCreate({ files: stateFiles(home), random, sha256 });
      stateFiles(home).write("checkpoints", "");
      writeFileSync(join(home, "state.db"), damaged(drawFrom(seed + index), bytes), reader);
      const end = await endOf(home);
      if (end === "internal")
        throw new Error(`PEERNET_TEST_SEED=${seed + index}: ${lastLog(home)}`);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      if (existsSync(home)) rmSync(home, { recursive: true });
    }
    rmSync(folder, { recursive: true });
    const told = [...ends].sort().map(([end, times]) => `${end}:${times}`);
    console.log(`figure: fuzz daemon_databases inputs=${count} ${told.join(" ")}`);
    expect(ends.get("database_damaged") ?? 0).toBeGreaterThan(0);
  },
  30_000 + count * 3_000,
);
