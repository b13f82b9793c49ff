/** The part of a record that its peer may learn. */

import { describe, expect, test } from "bun:test";
import type { AuditRecord } from "../../../src/contract/audit.ts";
import { toldOf } from "../../../src/core/subjects/told.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { record } from "../../cli/samples.ts";

const telling = { nowMs: 5_000, pairedAtMs: 2_000, sha256 };
const id = "01a3185c-7710-7b29-89df-85c3d278f8fc";
const details = (more: object) => JSON.stringify({ act: "file", repository: "web", ...more });

describe("toldOf()", () => {
  test("toldOf() tells a denied path as an absent one, and neither its path nor its size", () => {
    const read = { verb: "read", direction: "in", subject_id: id, handle: "mini:web" } as const;
    const absent = details({ path: ".env" });
    const denied = details({ path: ".env", denied: true, bytes: 12 });
    const one = toldOf(record({ ...read, outcome: "path_unknown", details: absent }), telling);
    const other = toldOf(record({ ...read, outcome: "policy_refused", details: denied }), telling);
    expect(other).toEqual(one);
    expect(one).toMatchObject({ outcome: "path_unknown", facts_sha256: null, bytes: null });
  });

  test("toldOf() tells no text, no name and no address", () => {
    const asked: Partial<AuditRecord> = {
      ...({ direction: "in", verb: "ask" } as const),
      ...{ subject_id: id, text: "where is the treasure" },
      ...{ handle: "hydrate", from_handle: "laptop/retry", peer_name: "laptop" },
      ...{ origin_address: "100.64.0.1", origin_login: "ann@example.com", at_ms: 4_000 },
    };
    const told = toldOf(record(asked), telling);
    const all = JSON.stringify(told);
    for (const text of ["treasure", "hydrate", "retry", "laptop", "100.64", "ann@"]) {
      expect([text, all.includes(text)]).toEqual([text, false]);
    }
    expect(told).toMatchObject({ age_ms: 1_000, earlier: false });
    expect(toldOf(record({ ...asked, at_ms: 1_999 }), telling)).toMatchObject({ earlier: true });
  });

  test("toldOf() tells nothing of local records, of other kinds, and without a subject", () => {
    const ask = { verb: "ask", subject_id: id } as const;
    expect(toldOf(record({ ...ask, direction: "local" }), telling)).toBeNull();
    expect(toldOf(record({ ...ask, direction: "in", subject_id: null }), telling)).toBeNull();
    expect(toldOf(record({ ...ask, direction: "in", verb: "grant" }), telling)).toBeNull();
    const unasked = { ...ask, verb: "wait", direction: "in", outcome: "id_unknown" } as const;
    expect(toldOf(record(unasked), telling)).toBeNull();
  });

  test("toldOf() digests the same facts alike on both machines, a topic's message too", () => {
    const facts = (more: Parameters<typeof record>[0]) =>
      toldOf(record({ subject_id: id, thread_id: id, ...more }), telling)?.facts_sha256;
    const by = JSON.stringify({ by: "session", bytes: 1, topic: "deploys" });
    const message = { verb: "message", details: by, text: null } as const;
    const sent = { direction: "out", handle: "mini/@deploys", from_handle: "laptop/api" } as const;
    const taken = { direction: "in", handle: "mini", from_handle: "lap/api" } as const;
    expect(facts({ ...message, ...sent })).toBe(facts({ ...message, ...taken }) ?? null);
    const other = { ...taken, details: by.replace("deploys", "news") };
    expect(facts({ ...message, ...sent })).not.toBe(facts({ ...message, ...other }));
    const asked = { verb: "ask", direction: "out", outcome: "asked", handle: "mini/web" } as const;
    const answered = { verb: "ask", direction: "in", outcome: "ok", handle: "web" } as const;
    expect(facts(asked)).toBe(facts(answered) ?? null);
  });
});
