import { describe, expect, test } from "bun:test";
import type { AuditRecord } from "../../../src/contract/audit.ts";
import { linesOf } from "../../../src/contract/text/audit-lines.ts";
import { record } from "../../cli/samples.ts";

const id = "0190a0a0-0000-7000-8000-000000000001";
const asked = record({ seq: 1, direction: "out", subject_id: id, outcome: "asked" });
const ended = record({ seq: 2, direction: "out", subject_id: id, text: null });

describe("linesOf()", () => {
  test("linesOf() makes one line of a question that left and of its outcome, in any order", () => {
    const line = { record: ended, asked, text: asked.text, isOpen: false };
    expect(linesOf([asked, ended])).toEqual([line]);
    expect(linesOf([ended, asked])).toEqual([line]);
  });

  test("linesOf() says of a question without an end that it is open", () => {
    const other = "0190a0a0-0000-7000-8000-000000000002";
    const another: AuditRecord = { ...ended, seq: 3, subject_id: other };
    expect(linesOf([asked, another])).toEqual([
      { record: asked, asked: null, text: asked.text, isOpen: true },
      { record: another, asked: null, text: null, isOpen: false },
    ]);
  });

  test("linesOf() leaves alone what a peer asked here under the same id", () => {
    const inward = record({ seq: 3, direction: "in", subject_id: id });
    expect(linesOf([asked, inward, ended])).toEqual([
      { record: inward, asked: null, text: inward.text, isOpen: false },
      { record: ended, asked, text: asked.text, isOpen: false },
    ]);
  });
});
