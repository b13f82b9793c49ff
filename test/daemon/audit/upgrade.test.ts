/** A home that an executable left whose records had the first form. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Machine, machine } from "../../support/daemon.ts";
import first from "../../vectors/first-home.json";
import { rowsOf } from "../attack/disk.ts";

/** The checkpoint that the old daemon signed as it stopped. */
const checkpoint = JSON.parse(first.checkpoints);

/** Puts the old home into a folder; a peer keeps its checkpoint, and it keeps the peer's. */
function oldHome(change?: (database: Database) => void): string {
  const home = mkdtempSync(join(tmpdir(), "peernet-first-"));
  const database = Bun.gunzipSync(Buffer.from(first.database, "base64"));
  writeFileSync(join(home, "state.db"), database, { mode: 0o600 });
  writeFileSync(join(home, "checkpoints"), first.checkpoints, { mode: 0o600 });
  mkdirSync(join(home, "keys"), { mode: 0o700 });
  writeFileSync(join(home, "keys", "identity.pem"), first.identity, { mode: 0o600 });
  using opened = new Database(join(home, "state.db"));
  opened.run(
    `INSERT INTO peer (fingerprint, name, certificate, scopes, their_scopes, acknowledged,
       exchanged, refused, paired_at_ms, checkpoint, witness)
     VALUES ('sha256:${"A".repeat(43)}', 'laptop', '', '["ask"]', '[]', 1, 1, 0, 7, ?, ?)`,
    [first.checkpoints, first.checkpoints],
  );
  change?.(opened);
  return home;
}

const verified = ({ calls }: Machine) => calls["audit/verify"]({});
const archiveIn = (home: string): string => {
  const [name = ""] = readdirSync(join(home, "archive"));
  return join(home, "archive", name);
};

test("a daemon closes the records of the first form and begins a trail", async () => {
  const home = oldHome();
  await using on = await machine("mini", { home });
  const { records } = await on.calls.audit({ all: true });
  expect(records.map(({ seq, verb }) => [seq, verb])).toEqual([
    [1, "trail"],
    [2, "archive"],
  ]);
  const said = { form: 1, trail_id: null, from_seq: 1, to_seq: 8, hash: checkpoint.hash };
  expect(JSON.parse(records[1]?.details ?? "")).toMatchObject(said);
  expect(readFileSync(join(home, "checkpoints"), "utf8")).toBe("");
  expect(await verified(on)).toMatchObject({ ok: true, records: 2, archived: 8, witnesses: 0 });
  const lines = readFileSync(archiveIn(home), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(2 + 8);
  expect(JSON.parse(lines[0] ?? "")).toEqual({ checkpoint });
  expect(JSON.parse(lines[2] ?? "")).toMatchObject({ seq: 1, question: null, prev_hash: "" });
  expect(rowsOf(home, "SELECT 1 FROM audit_v1")).toEqual([]);
  expect(rowsOf(home, "SELECT checkpoint, witness FROM peer")).toEqual([
    { checkpoint: null, witness: null },
  ]);
});

test("a daemon that is started again begins no other trail, and signs on", async () => {
  const home = oldHome();
  const before = await machine("mini", { home });
  await before.daemon.stop();
  await using on = await machine("mini", { home });
  expect((await on.calls.audit({ all: true })).total).toBe(2);
  const archived = { ok: true, archived: 8, checkpoint_seq: 2 };
  expect(await verified(on)).toMatchObject(archived);
  expect(readFileSync(join(home, "checkpoints"), "utf8").trimEnd().split("\n")).toHaveLength(1);
});

test("an upgrade that ended before its commit is made again", async () => {
  const home = oldHome();
  mkdirSync(join(home, "archive"), { mode: 0o700 });
  const left = join(home, "archive", "first-1-8.jsonl");
  writeFileSync(left, "half a li", { mode: 0o600 });
  await using on = await machine("mini", { home });
  expect(await verified(on)).toMatchObject({ ok: true, archived: 8 });
  expect(archiveIn(home)).toBe(left);
});

for (const [name, sql, seq] of [
  ["an edit", "UPDATE audit SET question = 'another' WHERE seq = 4", 4],
  ["a deletion", "DELETE FROM audit WHERE seq = 4", 4],
  ["a cut behind the checkpoint", "DELETE FROM audit WHERE seq = 8", 8],
] as const) {
  test(`verify() finds ${name} that was made before the upgrade`, async () => {
    const home = oldHome((database) => {
      for (const trigger of ["changed", "cut"]) {
        database.run(`DROP TRIGGER audit_is_never_${trigger}`);
        database.run(
          `CREATE TRIGGER audit_is_never_${trigger} BEFORE DELETE ON lease BEGIN SELECT 1; END`,
        );
      }
      database.run(sql);
    });
    await using on = await machine("mini", { home });
    expect(await verified(on)).toMatchObject({ ok: false, first_bad_seq: seq });
  });
}

test("verify() finds a change of the archive of the first form", async () => {
  const home = oldHome();
  await using on = await machine("mini", { home });
  const path = archiveIn(home);
  const whole = readFileSync(path, "utf8");
  for (const [changed, reason] of [
    [whole.replace("again 1", "again 9"), "its content was changed"],
    [whole.replace(/\n[^\n]*\n$/, "\n"), "a checkpoint knows 8 records"],
    [whole.replace(/^[^\n]*\n/, ""), "the file was changed"],
    [whole.replace(checkpoint.signature, "A".repeat(86)), "a checkpoint's signature is wrong"],
  ] as const) {
    writeFileSync(path, changed);
    const verdict = await verified(on);
    expect(verdict).toMatchObject({ ok: false });
    if (!verdict.ok) expect(verdict.reason).toContain(reason);
  }
  writeFileSync(path, whole);
  expect(await verified(on)).toMatchObject({ ok: true });
});
