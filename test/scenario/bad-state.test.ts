/** State folders, databases, keys and settings that cannot be used: named, and left as they are. */

import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { failed } from "./failing.ts";

const test = skipUnless(isBuilt, notBuilt);
const withSqlite = isBuilt ? skipUnless(hasProgram("sqlite3"), "sqlite3 is not here") : test;
setDefaultTimeout(30_000);

/** A home in which a daemon ran and was stopped. */
async function used(): Promise<Home> {
  const mini = home("mini");
  await mini.json(["start"]);
  await mini.json(["stop"]);
  return mini;
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

const damages = {
  "its first bytes are others": (bytes: Buffer) => bytes.fill("damaged!", 0, 64),
  "it is cut in half": (bytes: Buffer) => bytes.subarray(0, 4_096 * 3 + 100),
  "it is no database": () => Buffer.from("This was a database once, and it is none any more.\n"),
};

for (const [how, damage] of Object.entries(damages)) {
  test(`start refuses a database and leaves it as it is when ${how}`, async () => {
    await using mini = await used();
    const path = join(mini.folder, "state.db");
    const bytes = damage(readFileSync(path));
    writeFileSync(path, bytes);
    expect(await mini.run(["start"])).toEqual(
      failed(3, "the database is damaged", "restore it from a backup"),
    );
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
}

test("audit says that the database is damaged when a page of its table is zeros", async () => {
  await using mini = await used();
  const path = join(mini.folder, "state.db");
  using database = new Database(path, { readonly: true });
  const found = database.query("SELECT rootpage FROM sqlite_master WHERE name = 'audit'").get();
  const { rootpage } = found as { readonly rootpage: number };
  writeFileSync(path, readFileSync(path).fill(0, 4_096 * (rootpage - 1), 4_096 * rootpage));
  const damaged = failed(3, "the database is damaged", "restore it from a backup");
  expect(await mini.run(["start"])).toEqual(damaged);
});

withSqlite("start refuses a database of a newer version, and leaves it as it is", async () => {
  await using mini = await used();
  const path = join(mini.folder, "state.db");
  const sqlite = (statement: string): string =>
    Bun.spawnSync(["sqlite3", path, statement]).stdout.toString().trim();
  const known = Number(sqlite("PRAGMA user_version"));
  sqlite(`PRAGMA user_version = ${known + 1}`);
  const texts = `the database has schema ${known + 1}; this version knows ${known}`;
  expect(await mini.run(["start"])).toEqual(failed(3, texts, "update peernet"));
  expect(sqlite("PRAGMA user_version")).toBe(String(known + 1));
  sqlite(`PRAGMA user_version = ${known}`);
  expect(await mini.json(["start"])).toMatchObject({ already_running: false });
});

for (const [name, mode, fix] of [
  ["keys/identity.pem", 0o644, "600"],
  ["keys/identity.pem", 0o604, "600"],
  ["keys", 0o755, "700"],
  ["state.db", 0o640, "600"],
  ["lock.db", 0o660, "600"],
  ["checkpoints", 0o644, "600"],
  [".", 0o750, "700"],
  [".", 0o777, "700"],
] as const) {
  const octal = mode.toString(8);
  test(`start names ${name} of mode ${octal}, and how to close it`, async () => {
    await using mini = await used();
    const path = join(mini.folder, name);
    chmodSync(path, mode);
    const texts = [`${path} has mode 0${octal}, open to others`, `chmod ${fix} ${path}`] as const;
    expect(await mini.run(["start"])).toEqual(failed(3, ...texts));
    expect(modeOf(path)).toBe(octal);
    // The hint alone suffices.
    Bun.spawnSync(["sh", "-c", texts[1]]);
    expect(await mini.json(["start"])).toMatchObject({ already_running: false });
  });
}

for (const name of ["keys/identity.pem", "keys", "state.db", "lock.db", "checkpoints"]) {
  test(`start names ${name} that is a symbolic link, and touches nothing behind it`, async () => {
    await using mini = await used();
    await using elsewhere = home("elsewhere");
    const path = join(mini.folder, name);
    const target = join(elsewhere.folder, "target");
    renameSync(path, target);
    symlinkSync(target, path);
    const texts = [`${path} is a symbolic link`, `replace ${path} by what it points to`] as const;
    const before = lstatSync(target);
    expect(await mini.run(["start"])).toEqual(failed(3, ...texts));
    expect(lstatSync(target).mtimeMs).toBe(before.mtimeMs);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });
}

test("start refuses a state folder that is a symbolic link", async () => {
  await using mini = await used();
  const link = `${mini.folder}-link`;
  symlinkSync(mini.folder, link);
  const ran = await mini.run(["start"], { environment: { PEERNET_HOME: link } });
  Bun.spawnSync(["rm", link]);
  expect(ran).toEqual(
    failed(3, `${link} is a symbolic link`, `replace ${link} by what it points to`),
  );
});

test("start refuses a key that is cut short, rather than make another", async () => {
  await using mini = await used();
  const path = join(mini.folder, "keys/identity.pem");
  const text = readFileSync(path, "utf8").slice(0, 300);
  writeFileSync(path, text);
  const hint = `restore it from a backup, or move ${mini.folder} away and pair again`;
  expect(await mini.run(["start"])).toEqual(failed(3, "keys/identity.pem is damaged", hint));
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("start refuses to run without a key that there was", async () => {
  await using mini = await used();
  renameSync(join(mini.folder, "keys/identity.pem"), join(mini.folder, "keys/away"));
  const { code, err } = await mini.run(["start"]);
  expect(code).toBe(3);
  expect(err).toStartWith("peernet: error: keys/identity.pem ");
});

test("commands name what is wrong with HOME and PEERNET_HOME", async () => {
  await using mini = home("mini");
  const hint = "set PEERNET_HOME to an absolute path";
  for (const folder of ["", "relative/home"]) {
    const environment = { PEERNET_HOME: folder };
    for (const words of [["start"], ["status"]]) {
      expect(await mini.run(words, { environment })).toEqual(
        failed(3, "PEERNET_HOME is not an absolute path", hint),
      );
    }
  }
  const before = ["env", "-u", "HOME", "-u", "PEERNET_HOME"];
  expect(await mini.run(["status"], { before })).toEqual(failed(3, "HOME is not set", hint));
  const long = join(mini.folder, "x".repeat(100));
  expect(await mini.run(["start"], { environment: { PEERNET_HOME: long } })).toEqual(
    failed(
      3,
      "the path of the control socket is over 103 bytes",
      "set PEERNET_HOME to a shorter path",
    ),
  );
});

test("a home that is not there yet is made, closed to others, whatever the umask", async () => {
  await using mini = home("mini");
  const folder = join(mini.folder, "a/b");
  mkdirSync(join(mini.folder, "a"));
  const before = ["sh", "-c", 'umask 000; exec "$@"', "sh"];
  const environment = { PEERNET_HOME: folder };
  expect((await mini.run(["start"], { before, environment })).code).toBe(0);
  for (const name of ["", "keys"])
    expect([name, modeOf(join(folder, name))]).toEqual([name, "700"]);
  for (const name of ["control.sock", "state.db", "keys/identity.pem", "daemon.log", "lock.db"]) {
    expect([name, modeOf(join(folder, name))]).toEqual([name, "600"]);
  }
  expect((await mini.run(["stop"], { environment })).code).toBe(0);
});
