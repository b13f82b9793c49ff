import { expect } from "bun:test";
import { genesis, type Head } from "../../src/contract/audit.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { flaw } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import type { Store } from "../../src/store/database.ts";
import { takeLock } from "../../src/store/lock.ts";
import { skipUnless } from "../support/skip.ts";
import { canMount, noDisk, type SmallDisk, smallDisk } from "../support/small-disk.ts";
import { draft, open, thrown } from "./opened.ts";

const onDisk = skipUnless(canMount, noDisk);
const full = {
  code: "storage_full",
  message: "no space is left on the disk",
  hint: "free some space",
};

/** Opens a store on a disk; decisions are committed one by one. */
const onto = (disk: SmallDisk): Store => open(`${disk.path}/state.db`, (run) => run());

/** Appends a record that takes most of a page. */
const append = (store: Store, after?: () => void): Promise<number> =>
  store.transact((tables) => {
    tables.leases.nextGeneration();
    const { seq } = tables.audit.append(draft({ text: "q".repeat(3_000) }));
    return { value: seq, ...(after === undefined ? {} : { after }) };
  });

/** Appends until it is refused; returns the refusal. */
async function untilFull(store: Store): Promise<unknown> {
  for (let count = 0; count < 10_000; count += 1) {
    const error = await append(store).then(
      () => null,
      (error: unknown) => error,
    );
    if (error !== null) return error;
  }
  throw new Error("the disk never filled");
}

/** The head of a chain that is read from its first record on. */
function headOf(store: Store): Head {
  let head = genesis;
  for (const record of store.tables.audit.next({ afterSeq: 0, all: true }, 100_000)) {
    expect(flaw(head, record, sha256)).toBeNull();
    head = { seq: record.seq, hash: record.hash };
  }
  return head;
}

onDisk("transact() on a full disk refuses, changes nothing and runs no after()", async () => {
  using disk = smallDisk();
  const store = onto(disk);
  await append(store);
  disk.fill();
  expect(await untilFull(store)).toMatchObject(full);
  const before = headOf(store);
  let ran = 0;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const error = await append(store, () => ran++).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(PeernetError);
    expect(error).toMatchObject(full);
  }
  expect([ran, headOf(store)]).toEqual([0, before]);
  store.close();
});

onDisk("transact() goes on as soon as there is space again, without a hole", async () => {
  using disk = smallDisk();
  const store = onto(disk);
  await append(store);
  disk.fill();
  await untilFull(store);
  const before = headOf(store);
  disk.free();
  expect(await append(store)).toBe(before.seq + 1);
  expect(headOf(store).seq).toBe(before.seq + 1);
  // A generation that was given to nobody may be given; none that was given is given again.
  const generation = await store.transact(({ leases }) => ({ value: leases.nextGeneration() }));
  expect(generation).toBe(before.seq + 2);
  store.close();
});

onDisk("transact() on a full disk fails all that share a commit, and answers each", async () => {
  using disk = smallDisk();
  const deferred: (() => void)[] = [];
  const store = open(`${disk.path}/state.db`, (run) => deferred.push(run));
  disk.fill();
  // More than fits in memory beside: the disk is found full before the commit.
  const queued = 1_500;
  const outcomes: unknown[] = [];
  for (let count = 0; count < queued; count += 1) {
    append(store).catch((error: unknown) => outcomes.push(error));
  }
  for (const run of deferred.splice(0)) run();
  await Promise.resolve();
  await Promise.resolve();
  expect(outcomes.length).toBe(queued);
  for (const outcome of outcomes) expect(outcome).toMatchObject(full);
  expect(headOf(store)).toEqual(genesis);
  disk.free();
  const next = append(store);
  for (const run of deferred.splice(0)) run();
  expect(await next).toBe(1);
  store.close();
});

onDisk("what was committed before the disk was full is there in another opening", async () => {
  using disk = smallDisk();
  const store = onto(disk);
  disk.fill(40);
  await untilFull(store);
  const before = headOf(store);
  expect(before.seq).toBeGreaterThan(2);
  store.close();
  disk.free();
  const again = onto(disk);
  expect(headOf(again)).toEqual(before);
  again.close();
});

onDisk("openStore() on a full disk says that it is full", () => {
  using disk = smallDisk();
  disk.fill();
  expect(thrown(() => onto(disk))).toMatchObject(full);
});

onDisk("takeLock() takes the lock on a full disk, and from no other holder", () => {
  using disk = smallDisk();
  disk.fill();
  const path = `${disk.path}/lock.db`;
  const lock = takeLock(path);
  expect(lock).not.toBeNull();
  lock?.release();
  const again = takeLock(path);
  expect(again).not.toBeNull();
  again?.release();
});
