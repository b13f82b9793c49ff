/** A database of every earlier schema opens, and keeps what is in it. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { migrations } from "../../src/store/schema.ts";
import { folder, open } from "./opened.ts";

/** A peer's row; its scopes became grants in schema 4. */
const peer = `INSERT INTO peer (fingerprint, name, certificate, scopes, their_scopes, acknowledged,
  exchanged, refused, paired_at_ms) VALUES ('sha256:x', 'mini', 'c', '["ask"]', '[]', 1, 1, 0, 7)`;

for (const [version] of migrations.entries()) {
  if (version === 0) continue;
  test(`openStore() takes a database of schema ${version} to the newest, with its rows`, () => {
    using home = folder();
    const old = new Database(home.database, { create: true, readwrite: true });
    for (const migration of migrations.slice(0, version)) {
      for (const statement of migration) old.run(statement);
    }
    old.run(version < 4 ? peer : peer.replace("scopes, their", "their").replace(`'["ask"]', `, ""));
    old.run(`PRAGMA user_version = ${version}`);
    old.close();
    open(home.database).close();
    const now = new Database(home.database, { readonly: true });
    const row = now.query<unknown, []>("SELECT name, paired_at_ms FROM peer").values();
    const schema = now.query<unknown, []>("PRAGMA user_version").values();
    now.close();
    using fresh = folder();
    open(fresh.database).close();
    expect([row, schema]).toEqual([[["mini", 7]], [[migrations.length]]]);
    expect(tablesOf(home.database)).toEqual(tablesOf(fresh.database));
  });
}

/** The tables and their columns, however they came to be. */
function tablesOf(path: string): unknown[] {
  const database = new Database(path, { readonly: true });
  const columns = database
    .query<unknown, []>(
      `SELECT t.name, c.name, c.type, c."notnull", c.pk
       FROM pragma_table_list t JOIN pragma_table_info(t.name) c
       WHERE t.schema = 'main' ORDER BY t.name, c.name`,
    )
    .values();
  database.close();
  return columns;
}
