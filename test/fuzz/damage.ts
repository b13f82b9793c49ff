/** Databases with rows in every table, and copies damaged as by a failing disk. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { seal } from "../../src/core/audit-chain.ts";
import { newPeer } from "../../src/daemon/peers/grants.ts";
import { sha256 } from "../../src/platform/real.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import { activation, world } from "../core/sessions/lease-world.ts";
import { holding } from "../support/grants.ts";
import type { Draw } from "../support/histories.ts";

/** Opens a store whose decisions are committed one by one. */
export const open = (path: string): Store =>
  openStore({
    path,
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (run) => run(),
  });

/** The bytes of a database with something in every table, and its trail. */
export async function made(folder: string) {
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
      tables.peers.put({ ...row, grants: holding("ask"), paired_at_ms: 1 });
      const token = { jti: `jti-${index}`, fingerprint, sha256: "0", issued_at_ms: 1 };
      tables.peers.putToken({ ...token, expires_at_ms: 2, used: true });
      const outcome = '{"ok":false,"error":{}}';
      tables.peers.putAnswered({ fingerprint, ask_id: `ask-${index}`, boot_ms: 1, outcome });
    }
    for (let index = 0; index < 60; index += 1) {
      const asked = { direction: "in", verb: "ask", outcome: "ok", handle: "hydrate" } as const;
      tables.audit.append({ at_ms: index, text: `why ${index}`, ...asked });
    }
    return { value: undefined };
  });
  const records = store.tables.audit.next({ afterSeq: 0, all: true }, 1_000);
  store.close();
  return { bytes: readFileSync(path), records };
}

/** Changes some bits, mostly where something is. */
export function damaged(draw: Draw, bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  for (let times = draw.between(1, 8); times > 0; times -= 1) {
    const at = draw.oneIn(4) ? draw.below(200) : draw.below(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << draw.below(8));
  }
  return draw.oneIn(10) ? out.slice(0, draw.below(out.length)) : out;
}
