import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { PeernetError } from "../../src/contract/errors.ts";
import type { Tables } from "../../src/store/database.ts";
import { settled } from "../support/effects.ts";
import { draft, folder, type Opened, open, opened, thrown } from "./opened.ts";

/** A decision that appends one record for a handle. */
const append = (handle: string, after?: () => void) => (tables: Tables) => ({
  value: tables.audit.append(draft({ handle })).seq,
  ...(after === undefined ? {} : { after }),
});
const handles = "SELECT handle FROM audit ORDER BY seq";

/**
 * The number of commits in the write-ahead log: a commit's last frame gives the database's size.
 */
function commitsIn(of: Opened): number {
  const log = readFileSync(`${of.path}-wal`);
  const [pageBytes, salt] = [log.readUInt32BE(8), log.subarray(16, 24)];
  let commits = 0;
  for (let at = 32; at + 24 <= log.length; at += 24 + pageBytes) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    if (log.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}

/** The state of a promise once all ready work has run. */
async function standing(promise: Promise<unknown>): Promise<string> {
  const pending = settled().then(() => "pending");
  return Promise.race([promise.then(String, (error) => `rejected: ${error.message}`), pending]);
}

describe("transact() of several decisions", () => {
  test("transact() shares one commit among those that are queued together", async () => {
    using of = opened();
    const before = commitsIn(of);
    const queued = ["a", "b", "c"].map((handle) => of.store.transact(append(handle)));
    expect([of.waiting(), of.seen(handles)]).toEqual([1, []]);
    of.flush();
    expect(await Promise.all(queued)).toEqual([1, 2, 3]);
    expect(of.seen(handles)).toEqual(["a", "b", "c"]);
    expect(commitsIn(of)).toBe(before + 1);
  });

  test("transact() makes another commit for what comes later", async () => {
    using of = opened();
    const before = commitsIn(of);
    const first = of.store.transact(append("a"));
    of.flush();
    const second = of.store.transact(append("b"));
    expect([of.waiting(), of.seen(handles)]).toEqual([1, ["a"]]);
    of.flush();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(commitsIn(of)).toBe(before + 2);
  });

  test("transact() undoes one that throws, and nothing of the others", async () => {
    using of = opened();
    const refusal = new PeernetError("bad_request");
    const first = of.store.transact(append("a"));
    const failing = of.store.transact((tables): { value: never } => {
      tables.audit.append(draft({ handle: "undone" }));
      tables.leases.nextGeneration();
      throw refusal;
    });
    const last = of.store.transact((tables) => ({ value: tables.leases.nextGeneration() }));
    const caught = failing.catch((error: unknown) => error);
    of.flush();
    expect(await caught).toBe(refusal);
    expect([await first, await last]).toEqual([1, 1]);
    expect(of.seen(handles)).toEqual(["a"]);
  });

  test("transact() undoes one that fails in SQL, and nothing of the others", async () => {
    using of = opened();
    const orphan = { fingerprint: "none", ask_id: "x", boot_ms: 1, outcome: "{}" };
    const failing = of.store.transact((tables) => {
      tables.audit.append(draft({ handle: "undone" }));
      return { value: tables.peers.putAnswered(orphan) };
    });
    const other = of.store.transact(append("b"));
    const caught = failing.catch((error: unknown) => error);
    of.flush();
    expect(await caught).toMatchObject({ code: "SQLITE_CONSTRAINT_FOREIGNKEY" });
    expect([await other, of.seen(handles)]).toEqual([1, ["b"]]);
  });

  test("transact() takes whatever is thrown for a failure", async () => {
    using of = opened();
    for (const nothing of [undefined, null, "text"]) {
      const failing = of.store.transact((): { value: never } => {
        throw nothing;
      });
      const caught = failing.catch((error: unknown) => error);
      of.flush();
      expect(await caught).toMatchObject({ code: "internal" });
    }
  });

  test("transact() decides and tells in the order of the queue", async () => {
    using of = opened();
    const order: string[] = [];
    const numbered = [1, 2, 3].map((number) =>
      of.store.transact(() => {
        order.push(`decide ${number}`);
        return { value: number, after: () => order.push(`after ${number}`) };
      }),
    );
    of.flush();
    await Promise.all(numbered);
    expect(order).toEqual(["decide 1", "decide 2", "decide 3", "after 1", "after 2", "after 3"]);
  });
});

describe("transact() of one decision", () => {
  test("transact() shows nothing to others before the commit, and all at after()", async () => {
    using of = opened();
    const seen: unknown[] = [];
    const look = () => seen.push(of.seen(handles));
    const deciding = of.store.transact((tables) => {
      const decided = append("a", look)(tables);
      look();
      return decided;
    });
    expect(await standing(deciding)).toBe("pending");
    of.flush();
    expect(await deciding).toBe(1);
    expect(seen).toEqual([[], ["a"]]);
  });

  test("transact() inside of a decision waits for the next commit", async () => {
    using of = opened();
    const inner: Promise<number>[] = [];
    const outer = of.store.transact(() => {
      inner.push(of.store.transact(append("inner")));
      return { value: "outer" };
    });
    of.flush();
    expect([await outer, of.seen(handles), of.waiting()]).toEqual(["outer", [], 1]);
    of.flush();
    expect([await inner[0], of.seen(handles)]).toEqual([1, ["inner"]]);
  });

  test("transact() settles the others though one after() throws", async () => {
    using of = opened();
    const first = of.store.transact(
      append("a", () => {
        throw new Error("a broken listener");
      }),
    );
    const second = of.store.transact(append("b"));
    first.catch(() => {});
    try {
      of.flush();
    } catch {
      // Whoever defers may see it, but the second has been committed.
    }
    expect(of.seen(handles)).toEqual(["a", "b"]);
    expect(await standing(second)).toBe("2");
  });
});

describe("close()", () => {
  test("close() commits what is queued", async () => {
    using home = folder();
    const store = open(home.database, () => {});
    const queued = store.transact(append("a"));
    store.close();
    expect(await queued).toBe(1);
    const reopened = open(home.database);
    expect(reopened.tables.audit.head().seq).toBe(1);
    reopened.close();
  });

  test("close() leaves nothing to a commit that was asked for before", async () => {
    using home = folder();
    const deferred: (() => void)[] = [];
    const store = open(home.database, (run) => deferred.push(run));
    const queued = store.transact(append("a"));
    store.close();
    for (const run of deferred) run();
    expect(await queued).toBe(1);
  });

  test("transact() rejects when the store is closed", async () => {
    using home = folder();
    const deferred: (() => void)[] = [];
    const store = open(home.database, (run) => deferred.push(run));
    store.close();
    const late = store.transact(append("a"));
    for (const run of deferred) expect(() => run()).not.toThrow();
    expect(await standing(late)).toStartWith("rejected");
    expect(thrown(() => store.tables.audit.head())).toBeInstanceOf(Error);
  });
});
