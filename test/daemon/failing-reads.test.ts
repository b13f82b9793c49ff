/** A database whose pages are damaged while the daemon runs: requests fail, the daemon lives. */

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { machine, session } from "../support/daemon.ts";
import { askOn, endOf } from "./attack/asking.ts";
import { connectTo, newIdentity } from "./attack/connection.ts";
import { moved } from "./attack/moved.ts";
import { anyShare, enrol } from "./attack/pairing.ts";

/** Overwrites the first page of a table on the disk; returns what mends it. */
function damage(home: string, table: string): () => void {
  const path = join(home, "state.db");
  /** Makes the daemon read again what it holds of the file. */
  const touched = (database: Database, version: number): void => {
    database.run(`PRAGMA user_version = ${version}`);
  };
  using database = new Database(path);
  database.run("PRAGMA busy_timeout = 1000");
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const numberOf = (sql: string): number => Object.values(database.query(sql).get() ?? {})[0];
  const page = numberOf(`SELECT rootpage FROM sqlite_master WHERE name = '${table}'`);
  const version = numberOf("PRAGMA user_version");
  const bytes = numberOf("PRAGMA page_size");
  const file = openSync(path, "r+");
  const whole = new Uint8Array(bytes);
  readSync(file, whole, 0, bytes, (page - 1) * bytes);
  const write = (content: Uint8Array): void => {
    writeSync(file, content, 0, bytes, (page - 1) * bytes);
  };
  write(new Uint8Array(bytes).fill(0xff));
  touched(database, version);
  return () => {
    write(whole);
    closeSync(file);
    using again = new Database(path);
    again.run("PRAGMA busy_timeout = 1000");
    touched(again, version);
  };
}

const failuresIn = (home: string): number =>
  readFileSync(join(home, "daemon.log"), "utf8").split('"event":"request_failed"').length - 1;

describe("45: reads of the daemon that throw", () => {
  for (const table of ["peer", "token", "audit", "answered"] as const) {
    test(`of the table ${table}: requests fail, and succeed once it is mended`, async () => {
      const time = moved();
      await using on = await machine("on", time);
      await on.calls.activate(session());
      const peer = await enrol(on);
      using kept = await peer.connect();
      expect(endOf(await askOn(kept, peer))).toBe("200");
      const mend = damage(on.home, table);
      const ends = new Set<string>();
      for (let round = 0; round < 5; round += 1) {
        using newer = await peer.connect();
        ends.add(endOf(await askOn(newer, peer)));
        using stranger = await connectTo(on.address, { identity: newIdentity() });
        expect((await stranger.post("pair/share", anyShare))?.status).toBe(409);
        using prober = await connectTo(on.address);
        expect((await prober.post("window", {}))?.body).toBe('{"open":false}');
        time.pass(1_000);
        time.sweep();
      }
      ends.add(endOf(await askOn(kept, peer)));
      expect(["internal", "database_damaged", "closed"]).toEqual(expect.arrayContaining([...ends]));
      expect(ends.has("200")).toBe(false);
      mend();
      using again = await peer.connect();
      expect(endOf(await askOn(again, peer))).toBe("200");
      expect(failuresIn(on.home)).toBeLessThanOrEqual(1);
    });
  }
});

const source = join(import.meta.dir, "../../src");
/** A call whose promise nobody awaits. */
const floating = /^\s*void [\w.#]+.*\(|=> void [\w.#]+\(/;

// A command of a person, and a page, end with what they were started for.
test("45: no file that serves others leaves a promise to nobody", () => {
  const left = readdirSync(source, { recursive: true })
    .map(String)
    .filter((path) => /\.tsx?$/.test(path) && !/^(cli|dashboard\/page)\//.test(path))
    .flatMap((path) =>
      readFileSync(join(source, path), "utf8")
        .split("\n")
        .filter((line) => floating.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
  expect(left).toEqual([]);
});
