import { describe, expect, test } from "bun:test";
import { type AuditRecord, quietVerbs, Verb } from "../../../src/contract/audit.ts";
import { linesOf } from "../../../src/contract/text/audit-lines.ts";
import { isBackground, needsLook, sentenceOf } from "../../../src/contract/text/audit-sentence.ts";
import { network } from "../../browser/networks.ts";

const [first] = network({ peers: 1, handles: 1, own: 1 }).records;

function record(more: Partial<AuditRecord>): AuditRecord {
  if (first === undefined) throw new Error("no record");
  return {
    ...first,
    verb: "ask",
    direction: "out",
    text: null,
    outcome: "ok",
    harness: "claude-code",
    ...more,
  };
}

const sentence = (more: Partial<AuditRecord>): string => {
  const [line] = linesOf([record(more)]);
  if (line === undefined) throw new Error("no line");
  const { act, question, outcome } = sentenceOf(line);
  return [act, question ?? "", outcome].filter((part) => part !== "").join(" | ");
};

describe("sentenceOf()", () => {
  test("names who asked whom, the question and what came of it", () => {
    const asked = { handle: "mini/hydrate", text: "is it free?" };
    expect(sentence(asked)).toBe("Claude Code here asked mini/hydrate | is it free? | answered");
    expect(sentence({ ...asked, harness: "shell" })).toStartWith("A shell here asked");
    expect(sentence({ ...asked, from_handle: "api" })).toStartWith("api asked mini/hydrate");
    expect(sentence({ ...asked, direction: "in", peer_name: "mini" })).toStartWith("mini asked");
    expect(sentence({ ...asked, subject_id: crypto.randomUUID(), outcome: "asked" })).toEndWith(
      "no answer yet",
    );
    expect(sentence({ ...asked, outcome: "peer_timeout" })).toEndWith("did not answer in time");
  });

  test("says what a grant lets a machine do", () => {
    const grant = { verb: "grant", direction: "local", peer_name: "mini" } as const;
    expect(sentence({ ...grant, details: '{"scopes":["ask"]}' })).toBe("mini may ask here");
    expect(sentence({ ...grant, details: '{"scopes":[]}' })).toBe("mini may do nothing here");
  });

  test("has words for every kind of record, and shows no code of an outcome that it knows", () => {
    for (const verb of Verb.options) {
      const text = sentence({ verb, peer_name: "mini", details: null });
      expect([verb, text]).toEqual([verb, expect.not.stringMatching(/undefined|null|_/)]);
    }
    expect(sentence({ verb: "confirm", direction: "in", outcome: "code_rejected" })).toEndWith(
      "with a wrong code",
    );
  });
});

test("isBackground() is what peernet did by itself, not what a person or an agent did", () => {
  const kinds = Verb.options.filter((verb) => !isBackground(record({ verb })));
  const told = "ask wait overlap message confirm pair grant policy read task rename unpair compare";
  expect(kinds.join(" ")).toBe(told);
  for (const verb of quietVerbs) expect([verb, kinds.includes(verb)]).toEqual([verb, false]);
  expect(isBackground(record({ handle: "laptop/peernet-doctor" }))).toBe(true);
  expect(isBackground(record({ verb: "rename", direction: "in" }))).toBe(true);
  expect(isBackground(record({ verb: "witness", outcome: "disagrees" }))).toBe(false);
});

test("needsLook() is red for what somebody tried and may not, not for what merely failed", () => {
  const outcomes = ["ok", "handle_unknown", "peer_timeout", "probed", "closed", "code_rejected"];
  const red = outcomes.filter((outcome) => needsLook(record({ outcome })));
  expect(red).toEqual(["code_rejected"]);
});
