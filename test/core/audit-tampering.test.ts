import { expect, test } from "bun:test";
import { AuditRecord, genesis, type Head, Verb } from "../../src/contract/audit.ts";
import { type AuditDraft, flaw, hashOf, seal } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import { type Draw, histories, historiesMs } from "../support/histories.ts";

type Chain = readonly AuditRecord[];

const texts = ["", "a", "ab", "1", "0", "水", "\0", "\u0001", "a\u0001", "ok"];
const fields = AuditRecord.keyof().options;
const maybe = (draw: Draw): string | null => (draw.oneIn(2) ? null : draw.pick(texts));

const anyDraft = (draw: Draw): AuditDraft => ({
  at_ms: draw.below(1_000),
  direction: draw.pick(["in", "out", "local"]),
  verb: draw.pick(Verb.options),
  peer_fingerprint: maybe(draw),
  peer_name: maybe(draw),
  origin_address: maybe(draw),
  origin_transport: draw.pick([null, "control", "lan"]),
  origin_node: maybe(draw),
  origin_login: maybe(draw),
  handle: maybe(draw),
  from_handle: maybe(draw),
  harness: maybe(draw),
  text: maybe(draw),
  outcome: draw.pick(["ok", "scope_denied", ""]),
  thread_id: maybe(draw),
  subject_id: maybe(draw),
  content_sha256: maybe(draw),
  details: draw.oneIn(2) ? null : { scopes: [draw.pick(texts)] },
  count: draw.oneIn(2) ? null : draw.below(20),
});

function anyChain(draw: Draw): AuditRecord[] {
  const records: AuditRecord[] = [];
  let head: Head = genesis;
  for (let count = draw.between(3, 12); count > 0; count -= 1) {
    const record = seal(head, anyDraft(draw), sha256);
    records.push(record);
    head = record;
  }
  return records;
}

/** As the trail is verified: the place of the first record that does not follow, or null. */
function firstBad(chain: Chain): number | null {
  let head: Head = genesis;
  for (const record of chain) {
    if (flaw(head, record, sha256) !== null) return head.seq + 1;
    head = record;
  }
  return null;
}

/** Another value of a field than the one it has, of the kind that the field holds. */
function another(draw: Draw, record: AuditRecord): AuditRecord {
  const field = draw.pick(fields);
  const now = record[field];
  const isText = typeof now === "string" || (now === null && field !== "count");
  const others = isText ? [...texts, null, `${now}x`] : [null, 0, 1, Number(now) + 1];
  return { ...record, [field]: draw.pick(others.filter((other) => other !== now)) };
}

/** Moves the last character of one text to the front of the next one. */
function resplit(draw: Draw, record: AuditRecord): AuditRecord | null {
  const fields = [
    "origin_node",
    "origin_login",
    "handle",
    "from_handle",
    "harness",
    "text",
  ] as const;
  const at = draw.below(fields.length - 1);
  const [from, to] = [fields[at] ?? "handle", fields[at + 1] ?? "from_handle"];
  const [left, right] = [record[from] ?? "", record[to] ?? ""];
  if (left === "") return null;
  return { ...record, [from]: left.slice(0, -1), [to]: left.slice(-1) + right };
}

interface Tampered {
  readonly chain: Chain;
  /** The number of the first record that is not as it was. */
  readonly from: number;
}

/** Changes a chain by one act, as someone who can write the database; null where it is none. */
function tamper(draw: Draw, chain: Chain): Tampered | null {
  const at = draw.below(chain.length);
  const [before, rest] = [chain.slice(0, at), chain.slice(at + 1)];
  const record = chain[at];
  if (record === undefined) return null;
  const from = at + 1;
  switch (draw.below(6)) {
    case 0:
      return { chain: [...before, another(draw, record), ...rest], from };
    case 1: {
      const split = resplit(draw, record);
      return split === null ? null : { chain: [...before, split, ...rest], from };
    }
    case 2:
      // The last one's absence shows only against a checkpoint.
      return rest.length === 0 ? null : { chain: [...before, ...rest], from };
    case 3: {
      const to = draw.below(rest.length + 1);
      if (to === 0) return null;
      return { chain: [...before, ...rest.slice(0, to), record, ...rest.slice(to)], from };
    }
    case 4: {
      // An insertion with its own right hash: the next record no longer follows.
      const inserted = seal(chain[at - 1] ?? genesis, anyDraft(draw), sha256);
      if (inserted.hash === record.hash) return null;
      return { chain: [...before, inserted, record, ...rest], from: from + 1 };
    }
    default: {
      // An edit with a new right hash, but not of all that follow.
      const edited = { ...record, outcome: `${record.outcome}x` };
      const rehashed = { ...edited, hash: hashOf(edited, sha256) };
      if (rest.length === 0) return null;
      return { chain: [...before, rehashed, ...rest], from: from + 1 };
    }
  }
}

test(
  "flaw() finds any one edit, deletion, swap or insertion, at its first record",
  async () => {
    let acts = 0;
    await histories(5_000, (draw) => {
      const chain = anyChain(draw);
      expect(firstBad(chain)).toBeNull();
      const tampered = tamper(draw, chain);
      if (tampered === null) return;
      acts += 1;
      expect(firstBad(tampered.chain)).toBe(tampered.from);
    });
    expect(acts).toBeGreaterThan(3_000);
  },
  historiesMs,
);
