/** Databases of which a disk changed some bytes: refused by name, or in use and not believed. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditRecord, genesis } from "../../src/contract/audit.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { flaw } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import type { Store, Tables } from "../../src/store/database.ts";
import { nameOf } from "../../src/store/sqlite-errors.ts";
import { drawFrom } from "../support/histories.ts";
import { faultsWanted, longWanted } from "../support/skip.ts";
import { damaged, made, open } from "./damage.ts";

const seed = Number(process.env.PEERNET_TEST_SEED ?? 1);
const count = longWanted ? 50_000 : faultsWanted ? 10_000 : 400;

/** The result of reading everything as a daemon does, and of writing. */
async function used(store: Store, before: readonly AuditRecord[]): Promise<string> {
  const { tables } = store;
  readAll(tables);
  let head = genesis;
  const records = tables.audit.next({ afterSeq: 0, all: true }, 1_000);
  let isWhole = records.length === before.length;
  for (const record of records) {
    if (flaw(head, record, sha256) !== null) isWhole = false;
    head = { seq: record.seq, hash: record.hash };
  }
  // The verified part of the chain equals the written records.
  if (isWhole) expect(records).toEqual([...before]);
  await store.transact(({ audit, leases }) => {
    leases.nextGeneration();
    return { value: audit.append({ at_ms: 1, direction: "in", verb: "ask", outcome: "ok" }) };
  });
  return isWhole ? "works" : "chain_broken";
}

function readAll({ leases, peers, sessions, audit }: Tables): void {
  leases.all();
  for (const { fingerprint, name } of peers.all()) {
    peers.get(fingerprint);
    peers.named(name);
    peers.tokens(fingerprint);
    peers.answered(fingerprint, "ask-1");
  }
  peers.answeredSpan();
  sessions.get("claude-code", "id-0");
  audit.newest({ all: false }, 20);
  audit.count(0);
}

async function endOf(path: string, records: readonly AuditRecord[]): Promise<string> {
  let store: Store | null = null;
  try {
    store = open(path);
    return await used(store, records);
  } catch (error) {
    const named = nameOf(error);
    if (named instanceof PeernetError) return named.code;
    throw error;
  } finally {
    store?.close();
  }
}

test(
  `${count} damaged databases are refused by name, or work, and no broken trail passes`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "peernet-damaged-"));
    const { bytes, records } = await made(folder);
    const ends = new Map<string, number>();
    for (let index = 0; index < count; index += 1) {
      const path = join(folder, `${index}.db`);
      writeFileSync(path, damaged(drawFrom(seed + index), bytes));
      const end = await endOf(path, records).catch((cause: unknown) => {
        throw new Error(`PEERNET_TEST_SEED=${seed + index}`, { cause });
      });
      ends.set(end, (ends.get(end) ?? 0) + 1);
      for (const name of ["", "-wal", "-shm"]) rmSync(`${path}${name}`, { force: true });
    }
    rmSync(folder, { recursive: true });
    const told = [...ends].sort().map(([end, times]) => `${end}:${times}`);
    console.log(`figure: fuzz databases inputs=${count} ${told.join(" ")}`);
    for (const end of ["works", "chain_broken", "database_damaged"]) {
      expect(ends.get(end) ?? 0).toBeGreaterThan(0);
    }
  },
  60_000 + count * 30,
);
