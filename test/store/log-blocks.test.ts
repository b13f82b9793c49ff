/** The log has its blocks from the start, and loses no record by it. */

import { expect, test } from "bun:test";
import { copyFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { privately, stateFiles } from "../../src/platform/files.ts";
import type { Store } from "../../src/store/database.ts";
import { logBytes } from "../../src/store/log-blocks.ts";
import { machine } from "../support/daemon.ts";
import { skipUnless } from "../support/skip.ts";
import { canMount, noDisk, smallDisk } from "../support/small-disk.ts";
import { draft, folder, open } from "./opened.ts";

/** Opens a store and gives its log the blocks, as the daemon does. */
function lengthened(path: string): Store {
  const store = privately(() => open(join(path, "state.db")));
  stateFiles(path).lengthen("state.db-wal", logBytes);
  return store;
}

async function appendTo(store: Store, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await store.transact((tables) => ({ value: tables.audit.append(draft()) }));
  }
}

test("a log that has its blocks is as long after a hundred records as before", async () => {
  using home = folder();
  const store = lengthened(home.path);
  await appendTo(store, 100);
  expect(statSync(`${home.database}-wal`).size).toBe(logBytes);
  // A thousand pages, after which SQLite begins the log again, fit.
  expect(logBytes).toBeGreaterThan(1_000 * (4_096 + 24) + 32);
  store.close();
});

test("a log whose rest is zeros gives every record back, as after a kill", async () => {
  using home = folder();
  using after = folder();
  const store = lengthened(home.path);
  await appendTo(store, 50);
  for (const end of ["", "-wal"]) {
    copyFileSync(`${home.database}${end}`, `${after.database}${end}`);
  }
  store.close();
  const again = lengthened(after.path);
  expect(again.tables.audit.head().seq).toBe(50);
  await appendTo(again, 1);
  expect(again.tables.audit.head().seq).toBe(51);
  again.close();
});

test("startDaemon() gives the log its blocks", async () => {
  await using mini = await machine("mini");
  expect(statSync(join(mini.home, "state.db-wal")).size).toBe(logBytes);
});

skipUnless(canMount, noDisk)("lengthen() leaves the room of a small disk as it was", async () => {
  using disk = smallDisk();
  const store = privately(() => open(join(disk.path, "state.db")));
  const { size, blocks } = statSync(join(disk.path, "state.db-wal"));
  stateFiles(disk.path).lengthen("state.db-wal", logBytes);
  const after = statSync(join(disk.path, "state.db-wal"));
  expect([after.size, after.blocks]).toEqual([size, blocks]);
  await appendTo(store, 1);
  store.close();
});
