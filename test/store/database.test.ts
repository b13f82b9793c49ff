import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { PeernetError } from "../../src/contract/errors.ts";
import { migrations } from "../../src/store/schema.ts";
import { draft, type Folder, folder, open, thrown } from "./opened.ts";

/** Runs statements on a database that no store has open. */
function alone(path: string, ...statements: readonly string[]): void {
  const database = new Database(path, { create: true, readwrite: true });
  for (const statement of statements) database.run(statement);
  database.close();
}

const ask = (path: string, sql: string): unknown => {
  const database = new Database(path, { readonly: true });
  const value = database.query<unknown, []>(sql).values()[0]?.[0];
  database.close();
  return value;
};

/** Makes a database with one record in it. */
async function withOneRecord(home: Folder): Promise<void> {
  const store = open(home.database);
  await store.transact((tables) => ({ value: tables.audit.append(draft()) }));
  store.close();
}

/** The refusal to open, with the file unchanged. */
function refusal(home: Folder): PeernetError {
  const before = readFileSync(home.database);
  const error = thrown(() => open(home.database));
  expect(readFileSync(home.database).equals(before)).toBe(true);
  expect(error).toBeInstanceOf(PeernetError);
  if (!(error instanceof PeernetError)) throw error;
  return error;
}

describe("openStore() where there is no database", () => {
  test("openStore() makes one of the newest schema, in write-ahead mode", () => {
    using home = folder();
    open(home.database).close();
    expect(ask(home.database, "PRAGMA user_version")).toBe(migrations.length);
    expect(ask(home.database, "PRAGMA journal_mode")).toBe("wal");
    const tables = "SELECT group_concat(name) FROM pragma_table_list WHERE schema = 'main'";
    for (const name of ["lease", "generation", "peer", "token", "answered", "audit"]) {
      expect(ask(home.database, tables)).toContain(name);
    }
  });

  test("openStore() makes every table strict, so that no type is guessed", () => {
    using home = folder();
    open(home.database).close();
    const loose = `SELECT count(*) FROM pragma_table_list
      WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'`;
    expect(ask(home.database, loose)).toBe(0);
  });

  test("openStore() makes one of an empty file", () => {
    using home = folder();
    writeFileSync(home.database, "");
    open(home.database).close();
    expect(ask(home.database, "PRAGMA user_version")).toBe(migrations.length);
  });
});

describe("openStore() where there is a database", () => {
  test("openStore() keeps what is in one of its own version", async () => {
    using home = folder();
    await withOneRecord(home);
    const store = open(home.database);
    expect(store.tables.audit.head().seq).toBe(1);
    store.close();
    expect(ask(home.database, "PRAGMA user_version")).toBe(migrations.length);
  });

  test("openStore() refuses a newer one and leaves it as it is", async () => {
    using home = folder();
    await withOneRecord(home);
    alone(home.database, `PRAGMA user_version = ${migrations.length + 1}`);
    const next = migrations.length + 1;
    expect(refusal(home).body).toEqual({
      code: "database_newer",
      message: `the database has schema ${next}; this version knows ${migrations.length}`,
      hint: "update peernet",
    });
  });

  test("openStore() leaves a newer one as it is, also when its journal is another", () => {
    using home = folder();
    alone(home.database, "CREATE TABLE later (x)", "PRAGMA user_version = 99");
    expect(ask(home.database, "PRAGMA journal_mode")).toBe("delete");
    expect(refusal(home).code).toBe("database_newer");
  });

  test("openStore() refuses a database that is not one of its own", () => {
    using home = folder();
    alone(home.database, "CREATE TABLE lease (x)", "PRAGMA journal_mode = WAL");
    expect(refusal(home).code).toBe("database_damaged");
  });
});

describe("openStore() where there is something else", () => {
  const damaged = {
    code: "database_damaged",
    message: "the database is damaged",
    hint: "restore it from a backup",
  } as const;

  test("openStore() refuses a file that is no database", () => {
    using home = folder();
    writeFileSync(home.database, "no database at all\n".repeat(500));
    expect(refusal(home).body).toEqual(damaged);
  });

  test("openStore() refuses a database whose schema was overwritten", async () => {
    using home = folder();
    await withOneRecord(home);
    const bytes = readFileSync(home.database);
    bytes.fill(0x5a, 100, 4_096);
    writeFileSync(home.database, bytes);
    expect(refusal(home).body).toEqual(damaged);
  });

  test("openStore() refuses a database that was cut off", async () => {
    using home = folder();
    await withOneRecord(home);
    writeFileSync(home.database, readFileSync(home.database).subarray(0, 5_000));
    expect(refusal(home).body).toEqual(damaged);
  });

  test("openStore() refuses a folder, and a path below none", () => {
    using home = folder();
    mkdirSync(home.database);
    for (const path of [home.database, `${home.path}/missing/state.db`]) {
      expect(thrown(() => open(path))).toMatchObject({
        code: "state_unsafe",
        message: "the database cannot be opened",
      });
    }
  });
});
