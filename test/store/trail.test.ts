import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AuditRecord, genesis, quietVerbs, Verb } from "../../src/contract/audit.ts";
import { auditPageMax } from "../../src/contract/limits.ts";
import { flaw } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import type { AuditFilter } from "../../src/store/audit.ts";
import { draft, type Opened, opened, thrown } from "./opened.ts";

const appendOnly = "the audit trail is append-only";

/** Commits a record, and returns it. */
async function appended(of: Opened, more: Parameters<typeof draft>[0] = {}): Promise<AuditRecord> {
  const queued = of.store.transact((tables) => ({ value: tables.audit.append(draft(more)) }));
  of.flush();
  return queued;
}

describe("the trail", () => {
  test("append() seals each record to the one before, from genesis on", async () => {
    using of = opened();
    const { audit } = of.store.tables;
    expect(audit.head()).toEqual(genesis);
    const first = await appended(of);
    const second = await appended(of, { handle: "a" });
    expect(flaw(genesis, first, sha256)).toBeNull();
    expect(flaw(first, second, sha256)).toBeNull();
    expect(audit.head()).toEqual({ seq: 2, hash: second.hash });
  });

  test("append() keeps every field as it is, and nulls as nulls", async () => {
    using of = opened();
    const full = {
      at_ms: Number.MAX_SAFE_INTEGER,
      direction: "out",
      verb: "ask",
      peer_fingerprint: `sha256:${"a".repeat(43)}`,
      peer_name: "mini",
      origin_address: "fe80::1%eth0",
      origin_transport: "lan",
      origin_node: "node",
      origin_login: "ada@example.com",
      handle: "mini/hydrate",
      harness: "codex",
      from_handle: "laptop/hydrate",
      text: "Робот ' \" ; DROP TABLE audit -- 🚰\n\t\u202e",
      outcome: "ok",
      thread_id: "0190a0a0-0000-7000-8000-000000000000",
      subject_id: "0190a0a0-0000-7000-8000-000000000001",
      content_sha256: "0".repeat(64),
      count: 1,
    } as const;
    const { audit } = of.store.tables;
    for (const more of [full, {}, { text: "", peer_name: "" }]) {
      const record = await appended(of, more);
      expect(record).toMatchObject(more);
      expect(audit.at(record.seq)).toStrictEqual(record);
    }
    expect(audit.at(4)).toBeNull();
    expect(audit.at(0)).toBeNull();
  });

  test("the database refuses to change a record, by whatever connection", async () => {
    using of = opened();
    const record = await appended(of);
    for (const sql of [
      "UPDATE audit SET outcome = 'x'",
      "UPDATE audit SET seq = 9 WHERE seq = 1",
      "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT (seq) DO UPDATE SET count = 1",
      "DELETE FROM audit",
      "DELETE FROM audit WHERE seq = 1",
    ]) {
      expect(thrown(() => of.other.run(sql))).toMatchObject({ message: appendOnly });
    }
    expect(of.store.tables.audit.at(1)).toStrictEqual(record);
  });

  for (const insert of ["INSERT", "INSERT OR REPLACE"]) {
    test(`the database refuses a second record of one number by ${insert}`, async () => {
      using of = opened();
      const record = await appended(of, { handle: "first" });
      const again = `${insert} INTO audit SELECT * FROM audit`;
      expect(thrown(() => of.other.run(again))).toBeInstanceOf(Error);
      expect(of.store.tables.audit.at(1)).toStrictEqual(record);
    });
  }
});

/** Writes to the trail as a hostile owner could. */
function forge({ other }: Opened, sql: string): void {
  other.run("DROP TRIGGER audit_is_never_changed");
  other.run("DROP TRIGGER audit_is_never_cut");
  other.run(sql);
}

describe("the head that the process knows", () => {
  const columns = Object.keys(AuditRecord.shape).slice(1).join(", ");
  const forgeries = [
    ["the last record is rewritten", `UPDATE audit SET hash = '${"f".repeat(64)}' WHERE seq = 2`],
    ["the last record is cut", "DELETE FROM audit WHERE seq = 2"],
    ["a record is put behind it", `INSERT INTO audit SELECT 3, ${columns} FROM audit LIMIT 1`],
  ] as const;
  for (const [name, sql] of forgeries) {
    test(`append() seals to no other: ${name} beside it`, async () => {
      using of = opened();
      await appended(of);
      const own = await appended(of);
      forge(of, sql);
      const forged = of.store.tables.audit.head();
      expect(forged).not.toEqual({ seq: 2, hash: own.hash });
      await expect(appended(of)).rejects.toMatchObject({
        code: "database_damaged",
        message: "something beside the daemon wrote to the audit trail",
      });
      expect(of.store.tables.audit.head()).toEqual(forged);
      expect(of.store.tables.audit.ownHead()).toEqual({ seq: 2, hash: own.hash });
    });
  }

  test("ownHead() is what was committed, not what a transaction may yet undo", async () => {
    using of = opened();
    const { audit } = of.store.tables;
    const { hash } = await appended(of);
    const undone = of.store.transact((tables) => {
      tables.audit.append(draft());
      expect(tables.audit.head().seq).toBe(2);
      expect(tables.audit.ownHead()).toEqual({ seq: 1, hash });
      throw new Error("undone");
    });
    of.flush();
    await expect(undone).rejects.toThrow("undone");
    expect(audit.ownHead()).toEqual({ seq: 1, hash });
    expect(await appended(of)).toMatchObject({ seq: 2, prev_hash: hash });
  });
});

/** The number of records of the long trail. */
const many = 100_000;
const fingerprints = [null, "sha256:a", "sha256:b", "sha256:c"];

/** The draft of record number `seq`: each field has a period of its own. */
const numbered = (seq: number) =>
  draft({
    at_ms: 1_000_000 + seq * 10,
    verb: Verb.options[seq % Verb.options.length] ?? "ask",
    peer_fingerprint: fingerprints[seq % 4] ?? null,
    handle: `h-${seq % 7}`,
    thread_id: seq % 5 === 0 ? `thread-${seq % 35}` : null,
  });

describe("a trail of 100,000 records", () => {
  let of: Opened;
  let all: AuditRecord[] = [];
  beforeAll(async () => {
    of = opened();
    const queued = of.store.transact(({ audit }) => {
      for (let seq = 1; seq <= many; seq += 1) all.push(audit.append(numbered(seq)));
      return { value: undefined };
    });
    of.flush();
    await queued;
  }, 60_000);
  afterAll(() => {
    all = [];
    of[Symbol.dispose]();
  });

  /** The meaning of a filter, by the records themselves. */
  const fitting = (filter: AuditFilter): AuditRecord[] =>
    all.filter(
      (record) =>
        (filter.all || filter.verb !== undefined || isLoud(record)) &&
        record.peer_fingerprint === (filter.peerFingerprint ?? record.peer_fingerprint) &&
        record.handle === (filter.handle ?? record.handle) &&
        record.verb === (filter.verb ?? record.verb) &&
        record.thread_id === (filter.threadId ?? record.thread_id) &&
        record.at_ms >= (filter.sinceAtMs ?? 0) &&
        record.seq < (filter.beforeSeq ?? Number.POSITIVE_INFINITY) &&
        record.seq > (filter.afterSeq ?? 0),
    );
  const isLoud = ({ verb, direction, handle }: AuditRecord): boolean =>
    !quietVerbs.includes(verb) &&
    !(verb === "rename" && direction === "in") &&
    !(verb === "ask" && handle?.endsWith("/peernet-doctor") === true);

  const filters: readonly AuditFilter[] = [
    { all: true },
    { all: false },
    { all: false, peerFingerprint: "sha256:b" },
    { all: true, peerFingerprint: "sha256:none" },
    { all: true, handle: "h-3" },
    { all: false, verb: "expire" },
    { all: false, verb: "ask" },
    { all: true, threadId: "thread-15" },
    { all: true, sinceAtMs: 1_000_000 + many * 10 - 50 },
    { all: true, sinceAtMs: 1_000_000 + many * 10 - 51 },
    { all: true, beforeSeq: 1 },
    { all: true, beforeSeq: 4 },
    { all: false, beforeSeq: 50_001, peerFingerprint: "sha256:c", handle: "h-0" },
    { all: true, beforeSeq: 700, afterSeq: 650, verb: "pair" },
  ];
  for (const filter of filters) {
    test(`newest() and next() list what fits ${JSON.stringify(filter)}`, () => {
      const { audit } = of.store.tables;
      const expected = fitting(filter);
      for (const limit of [1, 20, auditPageMax]) {
        expect(audit.newest(filter, limit)).toEqual(expected.slice(-limit));
        const later = { ...filter, afterSeq: filter.afterSeq ?? 0 };
        expect(audit.next(later, limit)).toEqual(expected.slice(0, limit));
      }
    });
  }

  test("next() goes through the whole trail page by page, and the chain holds", () => {
    let [head, seen] = [genesis, 0];
    for (;;) {
      const page = of.store.tables.audit.next({ afterSeq: head.seq, all: true }, 5_000);
      if (page.length === 0) break;
      for (const record of page) {
        if (flaw(head, record, sha256) !== null) throw new Error(`record ${record.seq}`);
        head = record;
      }
      seen += page.length;
    }
    expect([seen, head.seq]).toEqual([many, many]);
  });

  test("newest() and count() show a count of refused asks, which has no handle", async () => {
    using of = opened();
    const { audit } = of.store.tables;
    const counted = { verb: "ask", handle: null, outcome: "scope_denied", count: 7 } as const;
    await appended(of, counted);
    await appended(of, { verb: "ask", handle: "mini/peernet-doctor" });
    expect(audit.newest({ all: false }, 10).map(({ count }) => count)).toEqual([7]);
    expect(audit.count(0)).toEqual({ total: 2, lease_events: 1 });
  });

  test("count() counts on from what it counted, and forgets what was undone", async () => {
    using of = opened();
    const { audit } = of.store.tables;
    expect(audit.count(0)).toEqual({ total: 0, lease_events: 0 });
    await appended(of);
    await appended(of, { verb: "expire" });
    for (let times = 0; times < 2; times += 1) {
      expect(audit.count(0)).toEqual({ total: 2, lease_events: 1 });
    }
    const undone = of.store.transact(({ audit: within }) => {
      within.append(draft({ verb: "expire" }));
      expect(within.count(0)).toEqual({ total: 3, lease_events: 2 });
      throw new Error("undone");
    });
    of.flush();
    await expect(undone).rejects.toThrow("undone");
    expect(audit.count(0)).toEqual({ total: 2, lease_events: 1 });
    await appended(of);
    expect(audit.count(0)).toEqual({ total: 3, lease_events: 1 });
  });

  test("count() counts records and lease events from an instant on", () => {
    const { audit } = of.store.tables;
    for (const since of [0, 1_000_000 + many * 10 - 500, 1_000_000 + many * 10 + 1]) {
      const counted = all.filter(({ at_ms }) => at_ms >= since);
      const lease_events = counted.filter((record) => !isLoud(record)).length;
      expect(audit.count(since)).toEqual({ total: counted.length, lease_events });
    }
    expect(audit.countOf("sha256:a")).toBe(many / 4);
    expect(audit.countOf("sha256:none")).toBe(0);
  });
});
