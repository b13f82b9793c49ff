/** Messages as they are kept: keys, order, what waits, proofs, and the memory of removed ones. */

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import type { Message } from "../../../src/core/messages/message.ts";
import type { Tables } from "../../../src/store/database.ts";
import { endingSql } from "../../../src/store/messages/ends.ts";
import { type Opened, opened } from "../opened.ts";

/** A message for tests. */
export const message = (message_id: string, more: Partial<Message> = {}): Message => ({
  direction: "in",
  fingerprint: "a",
  message_id,
  thread_id: "t",
  reply_to: null,
  peer_name: "mini",
  name: "api",
  tree: "/src",
  other: "web",
  by: "session",
  topic: null,
  sent_id: null,
  text: `text of ${message_id}`,
  salt: "salt",
  content_sha256: "0",
  hops: 0,
  quiet: false,
  waking: "grant",
  stage: "stored",
  reason: null,
  version: 1,
  told: 1,
  next: null,
  unread: true,
  handover: null,
  stored_at_ms: 1,
  stored_ms: 10,
  expires_ms: 100,
  ...more,
});

/** Commits what is done to the tables. */
async function doing<T>(of: Opened, run: (tables: Tables) => T): Promise<T> {
  const queued = of.store.transact((tables) => ({ value: run(tables) }));
  of.flush();
  return queued;
}

describe("messageTable()", () => {
  test("alike() finds a message by its whole id or its end, and reads no other", async () => {
    using of = opened();
    const ids = ["01a22eb1-eadd-70c5-9a95-862fbe3eaafc", "01a22eb1-eadd-70c5-9a95-862fbe3e0afc"];
    await doing(of, ({ messages }) => {
      for (const id of ids) messages.add(message(id));
    });
    const found = (end: string) =>
      of.store.tables.messages.alike(end).map(({ message_id }) => message_id);
    const [first = "", second = ""] = ids;
    expect([found(first), found("AAFC"), found("0afc"), found("afc")]).toEqual([
      ...[[first], [first], [second]],
      [first, second],
    ]);
    using database = new Database(of.path, { readonly: true });
    const plan = database.query(`EXPLAIN QUERY PLAN SELECT * FROM message ${endingSql}`).all();
    expect(JSON.stringify(plan)).toContain("USING INDEX message_end");
  });

  test("one id in, out and from another machine is three messages", async () => {
    using of = opened();
    await doing(of, ({ messages }) => {
      const one = message("1");
      const other = message("1", { fingerprint: "b" });
      const out = message("1", { direction: "out", stage: "queued", unread: false });
      for (const each of [one, other, out]) messages.add(each);
      for (const each of [one, other, out]) expect(messages.get(each)).toEqual(each);
      expect(messages.alike("1")).toHaveLength(3);
    });
    const twice = doing(of, ({ messages }) => messages.add(message("1")));
    expect(twice).rejects.toThrow();
    await twice.catch(() => null);
  });

  test("put() changes the stage, and never who wrote what to whom", async () => {
    using of = opened();
    await doing(of, ({ messages }) => {
      messages.add(message("1"));
      messages.put(message("1", { stage: "handed", unread: false, other: "eve", thread_id: "x" }));
      expect(messages.get(message("1"))).toEqual(message("1", { stage: "handed", unread: false }));
    });
  });

  test("unread() is oldest first; counts() and list() name the person first", async () => {
    using of = opened();
    await doing(of, ({ messages }) => {
      messages.add(message("1"));
      messages.add(message("2", { name: null }));
      messages.add(message("3", { stage: "held", unread: false }));
      messages.add(message("4", { stage: "surfaced", unread: false }));
      messages.add(message("5", { name: "web" }));
      messages.add(message("6"));
      expect(messages.unread("api").map((each) => each.message_id)).toEqual(["1", "6"]);
      expect(messages.counts()).toEqual([
        { name: null, unread: 1, held: 0 },
        { name: "api", unread: 2, held: 1 },
        { name: "web", unread: 1, held: 0 },
      ]);
      expect([messages.waitingOf("api"), messages.waitingOf(null)]).toEqual([3, 1]);
      expect(messages.waitingInAll()).toBe(5);
      const ids = (all: boolean, name?: string, sinceMs = 10) =>
        messages.list({ all, name, sinceMs, limit: 9 }).map((each) => each.message_id);
      expect(ids(false)).toEqual(["2", "6", "3", "1", "5"]);
      expect(ids(false, "api", 9)).toEqual(["6", "4", "3", "1"]);
      expect(ids(true, "api")).toEqual(["6", "4", "3", "1"]);
    });
  });

  test("taken() counts since a person acted, and a thread's last hour", async () => {
    using of = opened();
    await doing(of, ({ messages }) => {
      messages.add(message("1", { stored_ms: 10 }));
      messages.add(message("2", { stored_ms: 20 }));
      messages.add(message("3", { stored_ms: 30, thread_id: "u" }));
      messages.add(message("4", { stored_ms: 30, direction: "out" }));
      const taken = (personMs: number, hourMs: number) =>
        messages.taken({ name: "api", thread_id: "t" }, { personMs, hourMs });
      expect(taken(0, 0)).toEqual({ sincePerson: 3, thread: 2 });
      expect(taken(10, 0)).toEqual({ sincePerson: 2, thread: 1 });
      expect(taken(0, 20)).toEqual({ sincePerson: 3, thread: 0 });
    });
  });

  test("proofs() keeps one for each stage, in order; they go with their message", async () => {
    using of = opened();
    await doing(of, ({ messages }) => {
      messages.add(message("1"));
      const { direction, fingerprint, message_id } = message("1");
      const proof = { direction, fingerprint, message_id, reason: null, at_ms: 1 } as const;
      messages.addProof({ ...proof, stage: "stored", evidence: "call" });
      messages.addProof({ ...proof, stage: "handed", evidence: "handover pnr-1" });
      expect(messages.proofs(proof).map((each) => each.evidence)).toEqual([
        "call",
        "handover pnr-1",
      ]);
      messages.remove(proof);
      expect(messages.proofs(proof)).toEqual([]);
      expect(messages.get(proof)).toBeNull();
      const tombstone = { direction, fingerprint, message_id, content_sha256: "0", until_ms: 50 };
      messages.putTombstone({ ...tombstone, stage: "surfaced" });
      expect(messages.tombstone(proof)).toMatchObject({ stage: "surfaced" });
      messages.removeTombstones(49);
      expect(messages.tombstone(proof)).not.toBeNull();
      messages.removeTombstones(50);
      expect(messages.tombstone(proof)).toBeNull();
    });
  });

  test("overdue() and old() end what waits and what is over; nextMs() says when", async () => {
    using of = opened();
    await doing(of, ({ messages }) => {
      expect(messages.nextMs(1_000)).toBeNull();
      messages.add(message("1"));
      messages.add(message("2", { stage: "held", unread: false, expires_ms: 90 }));
      messages.add(message("3", { stage: "surfaced", unread: false, stored_ms: 5 }));
      messages.add(message("4", { direction: "out", stage: "queued", unread: false }));
      expect(messages.nextMs(1_000)).toBe(90);
      expect(messages.overdue(99, 9).map((each) => each.message_id)).toEqual(["2"]);
      expect(messages.overdue(100, 9).map((each) => each.message_id)).toEqual(["1", "2"]);
      expect(messages.old(5, 9).map((each) => each.message_id)).toEqual(["3"]);
      expect(messages.old(4, 9)).toEqual([]);
    });
  });
});

describe("mailboxTable()", () => {
  test("putPersonMs() forgets the wakes before it", async () => {
    using of = opened();
    await doing(of, ({ mailboxes }) => {
      expect(mailboxes.personMs("api")).toBeNull();
      for (const ms of [1, 5, 9]) mailboxes.addWake("api", ms);
      mailboxes.addWake("web", 2);
      mailboxes.putPersonMs("api", 5);
      expect([mailboxes.personMs("api"), mailboxes.wakes("api")]).toEqual([5, [9]]);
      expect(mailboxes.wakes("web")).toEqual([2]);
    });
  });

  test("a known handle has its latest folder, and is forgotten in time", async () => {
    using of = opened();
    await doing(of, ({ mailboxes }) => {
      mailboxes.putKnown({ name: "api", tree: "/one", live_ms: 1 });
      mailboxes.putKnown({ name: "api", tree: "/two", live_ms: 2 });
      expect(mailboxes.known("api")).toEqual({ name: "api", tree: "/two", live_ms: 2 });
      mailboxes.removeKnown(2);
      expect(mailboxes.allKnown()).toEqual([]);
    });
  });
});
