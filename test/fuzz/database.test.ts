/** Databases of which a disk changed some bytes: refused by name, or in use and not believed. */

import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditRecord, genesis } from "../../src/contract/audit.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { flaw, seal } from "../../src/core/audit-chain.ts";
import { newPeer } from "../../src/daemon/pairing.ts";
import { sha256 } from "../../src/platform/real.ts";
import { openStore, type Store, type Tables } from "../../src/store/database.ts";
import { nameOf } from "../../src/store/sqlite-errors.ts";
import { activation, world } from "../core/lease-world.ts";
import { type Draw, drawFrom } from "../support/histories.ts";
import { faultsWanted, longWanted } from "../support/skip.ts";

const seed = Number(process.env.PEERNET_SEED ?? 1);
const count = longWanted ? 50_000 : faultsWanted ? 10_000 : 400;

const open = (path: string): Store =>
  openStore({
    path,
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (run) => run(),
  });

/** The bytes of a database with something in every table, and its trail. */
async function made(folder: string) {
  const path = join(folder, "made.db");
  const store = open(path);
  using of = world(1);
  for (let index = 0; index < 6; index += 1) {
    await of.handlers.activate(activation(index, `p${index}`), of.caller());
  }
  const leases = of.context.tables.leases.all();
  await store.transact((tables) => {
    for (const lease of leases) tables.leases.put(lease);
    for (let index = 0; index < 3; index += 1) {
      const fingerprint = `sha256:${String(index).repeat(43)}`;
      const flags = { acknowledged: true, exchanged: true, refused: false };
      const row = { ...newPeer, ...flags, fingerprint, name: `peer-${index}`, certificate: "" };
      tables.peers.put({ ...row, scopes: ["ask"], paired_at_ms: 1 });
      const token = { jti: `jti-${index}`, fingerprint, sha256: "0", issued_at_ms: 1 };
      tables.peers.putToken({ ...token, expires_at_ms: 2, used: true });
      const outcome = '{"ok":false,"error":{}}';
      tables.peers.putAnswered({ fingerprint, ask_id: `ask-${index}`, boot_ms: 1, outcome });
    }
    for (let index = 0; index < 60; index += 1) {
      const asked = { direction: "in", verb: "ask", outcome: "ok", handle: "hydrate" } as const;
      tables.audit.append({ at_ms: index, question: `why ${index}`, ...asked });
    }
    return { value: undefined };
  });
  const records = store.tables.audit.next({ afterSeq: 0, all: true }, 1_000);
  store.close();
  return { bytes: readFileSync(path), records };
}

/** Changes some bits, mostly where something is. */
function damaged(draw: Draw, bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  for (let times = draw.between(1, 8); times > 0; times -= 1) {
    const at = draw.oneIn(4) ? draw.below(200) : draw.below(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << draw.below(8));
  }
  return draw.oneIn(10) ? out.slice(0, draw.below(out.length)) : out;
}

/** What follows from reading everything as a daemon does, and from writing. */
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
  // What the chain says is whole is what was written.
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
  peers.hasAnsweredOutside({ fromBootMs: 0, toBootMs: 1 });
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
        throw new Error(`PEERNET_SEED=${seed + index}`, { cause });
      });
      ends.set(end, (ends.get(end) ?? 0) + 1);
      for (const name of ["", "-wal", "-shm"]) rmSync(`${path}${name}`, { force: true });
    }
    rmSync(folder, { recursive: true });
    const told = [...ends].sort().map(([end, times]) => `${end}:${times}`);
    console.log(`figure: fuzz databases inputs=${count} crashes=0 ${told.join(" ")}`);
    for (const end of ["works", "chain_broken", "database_damaged"]) {
      expect(ends.get(end) ?? 0).toBeGreaterThan(0);
    }
  },
  60_000 + count * 30,
);
