/**
 * Puts slow-growing data into a home before its daemon starts: peers with their tokens, audit
 * records. Written through the daemon's own store, so that it equals real data.
 */

import { join } from "node:path";
import { tokenLifeMs } from "../../src/contract/limits.ts";
import { seal } from "../../src/core/audit-chain.ts";
import { grantsOf } from "../../src/core/grants.ts";
import { checkpointsName } from "../../src/daemon/audit/checkpoints.ts";
import { type Identity, loadOrCreate } from "../../src/peer/identity.ts";
import { mint } from "../../src/peer/token.ts";
import { bootClocks } from "../../src/platform/clock/boot-clock.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { random, realEffects, sha256 } from "../../src/platform/real.ts";
import { openStore, type Tables } from "../../src/store/database.ts";
import type { PeerRow } from "../../src/store/peers.ts";
import { newIdentity } from "../../test/daemon/attack/connection.ts";
import { beginning, checkpointAt } from "../../test/support/checkpoints.ts";
import type { Machine } from "./parts.ts";

/** A machine that may ask, and holds the token for it. */
export interface Asker {
  readonly identity: Identity;
  readonly token: string;
}

/** The content of a home. */
export interface Seed {
  /** Peers that will ask. */
  readonly askers?: number;
  /** Peers that never show up. */
  readonly peers?: number;
  readonly records?: number;
}

const digest = (text: string): string =>
  Buffer.from(sha256(new TextEncoder().encode(text))).toString("hex");

/** Seeds a home whose daemon does not run. */
export async function seed(machine: Machine, asked: Seed): Promise<readonly Asker[]> {
  process.umask(0o077);
  const effects = realEffects(stateFiles(machine.folder), bootClocks());
  const own = loadOrCreate(effects);
  const store = openStore({
    path: join(machine.folder, "state.db"),
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (run) => run(),
  });
  const askers: Asker[] = [];
  for (let at = 0; at < (asked.askers ?? 0); at += 1) askers.push(await asker(own));
  const change = (run: (tables: Tables) => void): Promise<void> =>
    store.transact((tables) => {
      run(tables);
      return { value: undefined };
    });
  await change((tables) => {
    for (const [at, { identity, token }] of askers.entries()) {
      const { fingerprint, certificate } = identity;
      tables.peers.put(rowOf(`asker-${at}`, fingerprint, certificate));
      putToken(tables, fingerprint, token);
    }
    for (let at = 0; at < (asked.peers ?? 0); at += 1) {
      const fingerprint = `sha256:${Buffer.from(random.bytes(32)).toString("base64url")}`;
      tables.peers.put(rowOf(`peer-${at}`, fingerprint, own.certificate));
      putToken(tables, fingerprint, `none-${at}`);
    }
  });
  const total = asked.records ?? 0;
  const checkpoints: string[] = [];
  if (total > 0) await change((tables) => void tables.audit.append(beginning));
  for (let written = 0; written < total; written += 50_000) {
    await change((tables) => {
      checkpoints.push(...append(tables, Math.min(50_000, total - written), own));
    });
  }
  if (total > 0) effects.files.write(checkpointsName, checkpoints.join(""));
  store.close();
  return askers;
}

async function asker(own: Identity): Promise<Asker> {
  const identity = newIdentity();
  const issuedAtMs = Math.floor(Date.now() / 1_000) * 1_000;
  const jti = Bun.randomUUIDv7();
  const token = await mint(own, { peer: identity.fingerprint, jti, issuedAtMs });
  return { identity, token };
}

function putToken(tables: Tables, fingerprint: string, token: string): void {
  const [, payload = ""] = token.split(".");
  const claims = payload === "" ? {} : JSON.parse(Buffer.from(payload, "base64url").toString());
  const issuedAtMs = Math.floor(Date.now() / 1_000) * 1_000;
  tables.peers.putToken({
    jti: claims.jti ?? token,
    fingerprint,
    sha256: digest(token),
    issued_at_ms: issuedAtMs,
    expires_at_ms: issuedAtMs + tokenLifeMs,
    used: true,
  });
}

const rowOf = (name: string, fingerprint: string, certificate: string): PeerRow => ({
  fingerprint,
  name,
  named_by: "person",
  certificate,
  host: null,
  port: null,
  grants: grantsOf(["ask"], { wallMs: 0, bootMs: 0 }),
  their_scopes: [],
  their_grants: null,
  token_key: null,
  bearer: null,
  bearer_at_ms: null,
  acknowledged: true,
  exchanged: true,
  refused: false,
  paired_at_ms: Date.now(),
  last_seen_at_ms: null,
  checkpoint: null,
  witness: null,
});

/** Records as an asking peer leaves them; the lines of the checkpoints signed meanwhile. */
function append({ audit }: Tables, count: number, own: Identity): readonly string[] {
  const checkpoints: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const record = audit.append({
      at_ms: Date.now(),
      direction: "in",
      verb: "ask",
      peer_fingerprint: "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      peer_name: "seeded",
      origin_address: "127.0.0.1",
      origin_transport: "loopback",
      handle: "bench",
      harness: "shell",
      outcome: "ok",
      thread_id: "0199f0c5-0000-7000-8000-000000000000",
      content_sha256: digest("seeded"),
    });
    checkpoints.push(...checkpointAt(own, record));
  }
  return checkpoints;
}
