import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { genesis, type Head } from "../../src/contract/audit.ts";
import { flaw } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import { hasProgram, longWanted, skipUnless } from "../support/skip.ts";
import { folder, open } from "./opened.ts";

const appender = join(import.meta.dir, "appender.ts");

/** Lets a process append until it has told so much, and kills it; returns the last it told. */
async function killedAfter(path: string, lines: number): Promise<number> {
  const child = Bun.spawn([process.execPath, appender, path], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  let told = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    told += decoder.decode(chunk);
    if (told.split("\n").length > lines) child.kill("SIGKILL");
  }
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  // A last line without its end was not told.
  return Number(told.split("\n").at(-2));
}

/** Reads the whole chain. @throws at the first record that does not follow */
function verified(path: string): Head {
  const store = open(path);
  let head = genesis;
  for (const record of store.tables.audit.next({ afterSeq: 0, all: true }, 1_000_000)) {
    const reason = flaw(head, record, sha256);
    if (reason !== null) throw new Error(`record ${head.seq + 1}: ${reason}`);
    head = { seq: record.seq, hash: record.hash };
  }
  store.close();
  return head;
}

/** The other write of each record's transaction. */
function generation(path: string): unknown {
  const database = new Database(path, { readonly: true });
  const last = database.query<unknown, []>("SELECT last FROM generation").values()[0]?.[0];
  database.close();
  return last;
}

test("transact() has reported nothing that a kill -9 takes back, and the chain holds", async () => {
  using home = folder();
  let before = 0;
  for (let round = 0; round < (longWanted ? 200 : 20); round += 1) {
    const told = await killedAfter(home.database, 1 + ((round * 7) % 40));
    const { seq } = verified(home.database);
    expect(told).toBeGreaterThan(before);
    expect(seq).toBeGreaterThanOrEqual(told);
    // A commit holds three records and their generations, whole or not at all.
    expect([seq % 3, generation(home.database)]).toEqual([0, seq]);
    before = seq;
  }
}, 600_000);

const withStrace = skipUnless(hasProgram("strace"), "strace is not there");

withStrace(
  "transact() syncs the write-ahead log before it tells of a commit",
  () => {
    using home = folder();
    const trace = join(home.path, "trace");
    const watched = ["-f", "-y", "-e", "trace=write,fsync,fdatasync", "-o", trace];
    const traced = ["strace", ...watched, process.execPath, appender, home.database, "20"];
    expect(Bun.spawnSync(traced).exitCode).toBe(0);
    let synced = false;
    let told = 0;
    for (const line of readFileSync(trace, "utf8").split("\n")) {
      if (/\b(fsync|fdatasync)\(\d+<[^>]*state\.db-wal>/.test(line)) synced = true;
      if (!/\bwrite\(1<[^>]*>, "\d+\\n"/.test(line)) continue;
      expect(synced).toBe(true);
      synced = false;
      told += 1;
    }
    expect(told).toBe(20);
  },
  60_000,
);
