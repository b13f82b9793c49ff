/** Statements of the store: a row is written by the names of its columns, never by their order. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { insertSql, replaceSql } from "../../src/store/stored.ts";

const folder = join(import.meta.dir, "../../src/store");

test("insertSql() and replaceSql() name each column, with the parameter of its name", () => {
  expect(insertSql("audit", "seq hash")).toBe("INSERT INTO audit (seq, hash) VALUES ($seq, $hash)");
  expect(replaceSql("lease", "name")).toBe("INSERT OR REPLACE INTO lease (name) VALUES ($name)");
});

test("no statement outside of the migrations inserts a row by the order of its columns", () => {
  // A migration is of one version of the tables, and stays as it is.
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.endsWith("schema.ts"));
  const byOrder = files.filter((name) =>
    /INSERT\s+(OR\s+\w+\s+)?INTO\s+\w+\s+VALUES/.test(readFileSync(join(folder, name), "utf8")),
  );
  expect(byOrder).toEqual([]);
});
