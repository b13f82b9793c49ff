/**
 * `audit export --format ocsf`, judged by the schema that the Open Cybersecurity Schema Framework
 * published: test/vectors/ocsf-api-activity.json, of its version 1.8.0.
 */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { ocsfEvent, ocsfVersion } from "../../../src/cli/audit/ocsf.ts";
import { type AuditRecord, Transport, Verb } from "../../../src/contract/audit.ts";
import { errorTable } from "../../../src/contract/errors.ts";
import { fingerprint, record, status, thread } from "../samples.ts";
import { run } from "../support.ts";

const path = join(import.meta.dir, "../../vectors/ocsf-api-activity.json");
const schema: object & { readonly $id: string } = JSON.parse(readFileSync(path, "utf8"));
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
const flawsOf = (event: object): unknown => (validate(event) ? [] : validate.errors);

const exporter = { name: "laptop", fingerprint, version: "0.1.0", withText: false };
const outcomes = ["ok", "asked", "waiting", "stored", "interrupted", ...Object.keys(errorTable)];
const bare = { peer_name: null, peer_fingerprint: null, handle: null, from_handle: null };

/** Records of every kind, direction and outcome, with and without the fields that may be null. */
function* everyRecord(): Generator<AuditRecord> {
  for (const verb of Verb.options) {
    for (const direction of ["in", "out", "local"] as const) {
      for (const outcome of outcomes) {
        const of = { verb, direction, outcome };
        yield record({ ...of, subject_id: thread, details: '{"scopes":["ask"],"bytes":4}' });
        const nothing = { harness: null, thread_id: null, origin_address: null, text: null };
        yield record({ ...of, ...bare, ...nothing, subject_id: null, count: 3 });
      }
    }
  }
}

test("the vector is the published schema of the version that each event names", () => {
  expect(schema.$id).toContain(`/${ocsfVersion}/`);
  expect(JSON.stringify(schema)).toContain("Apache-2.0");
});

test("ocsfEvent() makes an event of the schema from a record of every kind", () => {
  let count = 0;
  for (const each of everyRecord()) {
    const event = JSON.parse(JSON.stringify(ocsfEvent(each, exporter)));
    expect([each.verb, each.outcome, flawsOf(event)]).toEqual([each.verb, each.outcome, []]);
    count += 1;
  }
  expect(count).toBeGreaterThan(5_000);
  for (const origin_transport of Transport.options) {
    const event = ocsfEvent(record({ origin_transport }), exporter);
    expect(flawsOf(event)).toEqual([]);
  }
});

test("the schema refuses an event without its time, and one with a field of its own", () => {
  const { time: _time, ...timeless } = { time: 0, ...ocsfEvent(record(), exporter) };
  expect(flawsOf(timeless)).not.toEqual([]);
  expect(flawsOf({ ...ocsfEvent(record(), exporter), question: "x" })).not.toEqual([]);
});

test("ocsfEvent() leaves the question's text out, unless it is asked for", () => {
  const asked = record({ text: "where is the treasure" });
  expect(JSON.stringify(ocsfEvent(asked, exporter))).not.toContain("treasure");
  const told = ocsfEvent(asked, { ...exporter, withText: true });
  expect(JSON.stringify(told)).toContain("treasure");
  expect(flawsOf(told)).toEqual([]);
});

test("ocsfEvent() says who acted upon whom, and what came of it", () => {
  const into = record({ direction: "in", outcome: "scope_denied", peer_name: "mini" });
  expect(ocsfEvent(into, exporter)).toMatchObject({
    ...{ class_uid: 6_003, activity_id: 2, type_uid: 600_302, severity_id: 3, status_id: 2 },
    ...{ status_code: "scope_denied", src_endpoint: { name: "mini" } },
    dst_endpoint: { name: "laptop", uid: fingerprint },
  });
  const out = record({ direction: "out", verb: "message", outcome: "stored", peer_name: "mini" });
  expect(ocsfEvent(out, exporter)).toMatchObject({
    ...{ activity_id: 1, status_id: 1, severity_id: 1 },
    ...{ src_endpoint: { name: "laptop" }, dst_endpoint: { name: "mini" } },
  });
});

test("audit export --format ocsf prints one event a line, for a trail of any length", async () => {
  const all = Array.from({ length: 600 }, (_, index) => record({ seq: index + 1 }));
  async function* exported() {
    yield* all;
  }
  const answers = { "audit/export": exported, status: async () => status() };
  const { exit, out, err } = await run("audit export --format ocsf", { answers });
  expect([exit, err]).toEqual([0, ""]);
  const events = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events).toHaveLength(600);
  for (const event of events) expect(flawsOf(event)).toEqual([]);
  expect(events.at(-1).metadata.sequence).toBe(600);
});

test("audit export refuses a format that it does not have, and a text without one", async () => {
  const answers = { status: async () => status() };
  for (const line of ["audit export --format cef", "audit export --with-text"]) {
    const { exit, err } = await run(line, { answers });
    expect([line, exit]).toEqual([line, 2]);
    expect(err).toContain("peernet audit export --format ocsf");
  }
});
