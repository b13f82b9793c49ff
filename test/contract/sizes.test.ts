/**
 * The largest message of each kind fits where it is carried, measured as real JSON: every text at
 * its bound and made of the characters that JSON writes longest, every list full.
 */

import { describe, expect, test } from "bun:test";
import type { z } from "zod";
import { AskInput, WireAnswer, WireAsk } from "../../src/contract/ask.ts";
import { AuditRecord } from "../../src/contract/audit.ts";
import {
  ActivateInput,
  HookInput,
  LeasesOutput,
  RenewInput,
  ResumeInput,
  SummaryInput,
} from "../../src/contract/lease.ts";
import {
  ancestorsMax,
  bodyBytesMax,
  handlesMax,
  helloHandlesBytesMax,
  sessionIdBytesMax,
  streamLineBytesMax,
  tokenBytesMax,
} from "../../src/contract/limits.ts";
import { messageBytesMax, messageLifeMs, receiptsMax } from "../../src/contract/messages/limits.ts";
import { WireMessage, WireReceipt } from "../../src/contract/messages/message.ts";
import { SendInput } from "../../src/contract/messages/sending.ts";
import { ConfirmOutput, Share, TokenInput } from "../../src/contract/pairing.ts";
import { HelloInput, HelloOutput } from "../../src/contract/peer.ts";
import {
  Branch,
  Path,
  Project,
  Question,
  SessionId,
  Subject,
  Summary,
} from "../../src/contract/terms.ts";

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** Characters by their form in JSON: six bytes, two, and up to four unchanged. */
const characters = ["\u0001", '"', "é", "字", "🦀", "a"];

/** The longest text of a schema, as JSON counts it. */
function longest(schema: z.ZodType<string>): string {
  const texts = characters.map((character) => {
    let [fits, over] = [0, 8_192];
    while (over - fits > 1) {
      const count = (fits + over) >> 1;
      if (schema.safeParse(character.repeat(count)).success) fits = count;
      else over = count;
    }
    return character.repeat(fits);
  });
  return texts.reduce((most, text) => (bytesOf(text) > bytesOf(most) ? text : most), "");
}

/** Bytes of a message that its own schema accepts. */
function measured(schema: z.ZodType, message: unknown): number {
  expect(schema.safeParse(message).error).toBeUndefined();
  return bytesOf(message);
}

const most = Number.MAX_SAFE_INTEGER;
const name = "m".repeat(31);
const uuid = "01234567-89ab-7def-8123-456789abcdef";
const [project, branch, subject] = [longest(Project), longest(Branch), longest(Subject)];
const [summary, question] = [longest(Summary), longest(Question)];
const reason = "a".repeat(32);
const git = {
  sha: "a".repeat(64),
  subject,
  branch,
  dirty: most,
  ahead: most,
  behind: most,
  since_start: { count: 100, subjects: [subject, subject, subject] },
  worktree: project,
  repository: project,
  why: { sha: reason, branch: reason, dirty: reason, ahead: reason },
};
const token = `a.b.${"c".repeat(tokenBytesMax - 4)}`;
const process = { pid: most, start_time: "\u0001".repeat(64) };
const checkpoint = { seq: most, hash: "a".repeat(64), at_ms: most, signature: "A".repeat(86) };
const about = { name, port: 65_535, token_key: "A".repeat(43), scopes: ["ask"] };
const hello = {
  version: "\u0001".repeat(64),
  protocols: Array<number>(16).fill(1_000),
  scopes: ["ask"],
  checkpoint,
  witness: checkpoint,
};
const answer = {
  project,
  git: { ...git, age_ms: most },
  summary: { text: summary, age_ms: most },
  session: {
    harness: "claude-code",
    state: "working",
    state_for_ms: most,
    started_age_ms: most,
    age_ms: most,
  },
  lease: { renewed_age_ms: most, expires_in_ms: most },
};

describe("on the wire", () => {
  test("the largest answer is under half of a body", () => {
    expect(measured(WireAnswer, answer)).toBeLessThan(bodyBytesMax / 2);
  });

  test("the largest ask fits in a body", () => {
    const ask = { ask_id: uuid, thread_id: uuid, handle: name, question };
    expect(measured(WireAsk, ask)).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the largest hello fits in a body, both ways", () => {
    expect(measured(HelloInput, hello)).toBeLessThanOrEqual(bodyBytesMax);
    const handle = {
      name,
      project,
      state: "working",
      state_for_ms: most,
      expires_in_ms: most,
    };
    // The daemon cuts the list by its bytes; the other fields must leave space for that.
    const one = measured(HelloOutput, { ...hello, dialled: false, handles: [handle] });
    const bare = measured(HelloOutput, { ...hello, dialled: false, handles: [] });
    expect(bare + helloHandlesBytesMax).toBeLessThanOrEqual(bodyBytesMax);
    expect((one - bare) * 200).toBeLessThanOrEqual(helloHandlesBytesMax);
  });

  test("the largest message fits in a body, and so do its receipts", () => {
    const text = "\u0001".repeat(messageBytesMax);
    const message = {
      ...{ message_id: uuid, thread_id: uuid, reply_to: uuid, from: name, to: name },
      ...{ by: "session", text, salt: "A".repeat(22), age_ms: most, quiet: true },
      expires_in_ms: messageLifeMs,
    };
    expect(measured(WireMessage, message)).toBeLessThanOrEqual(bodyBytesMax);
    const receipt = { message_id: uuid, version: most, stage: "announced", reason: "restored" };
    const receipts = Array<unknown>(receiptsMax).fill({ ...receipt, age_ms: most });
    expect(measured(WireReceipt, { receipts })).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the largest messages of pairing fit in a body", () => {
    const share = { share: "A".repeat(43), document: "A".repeat(1_024) };
    expect(measured(Share, share)).toBeLessThanOrEqual(bodyBytesMax);
    const confirmed = { tag: "A".repeat(86), token, about };
    expect(measured(ConfirmOutput, confirmed)).toBeLessThanOrEqual(bodyBytesMax);
    expect(measured(TokenInput, { token, about })).toBeLessThanOrEqual(bodyBytesMax);
  });
});

describe("on the control socket", () => {
  const session_id = longest(SessionId);
  const cwd = longest(Path);

  test("the largest activation fits in a body", () => {
    const given = { name, harness: "claude-code", session_id, process, cwd, project, git, summary };
    expect(bytesOf(session_id)).toBeGreaterThanOrEqual(sessionIdBytesMax);
    expect(measured(ActivateInput, given)).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the largest summary fits in a body, with every ancestor", () => {
    const processes = Array<unknown>(ancestorsMax).fill(process);
    const selector = { name, session_id, processes, generation: most };
    expect(measured(SummaryInput, { selector, text: summary })).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the largest message to send fits in a body, with every ancestor", () => {
    // As systems write the start of a process: a number of ticks, or a date.
    const known = { pid: most, start_time: "Mon Nov 30 18:00:44 2026" };
    const processes = Array<unknown>(ancestorsMax).fill(known);
    const session = { name, session_id, processes, generation: most };
    const text = "\u0001".repeat(messageBytesMax);
    const from = { session, by: "session" };
    const input = { to: `${name}/${name}`, text, reply_to: uuid, from, agreed: true };
    expect(measured(SendInput, input)).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the largest ask fits in a body", () => {
    const ask = { handle: `${name}/${name}`, question, thread_id: uuid, timeout_ms: 60_000 };
    expect(measured(AskInput, ask)).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the renewal of every lease, with a reading, fits in a body", () => {
    const observed = { state: "working", age_ms: most };
    const beats = Array<unknown>(handlesMax).fill({ name, generation: most, observed });
    expect(measured(RenewInput, { beats, git })).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("what a hook tells fits in a body", () => {
    const who = { harness: "claude-code", session_id, process, sole: true, headless: false };
    const told = { ...who, cwd, root: cwd, project, event: "start", state: "working" };
    expect(measured(HookInput, told)).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the wake of every lease fits in a body", () => {
    const slept = Array<unknown>(handlesMax).fill({ name, generation: most });
    expect(measured(ResumeInput, { slept })).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the list of kept leases is bounded", () => {
    const known = { name, generation: most, harness: "claude-code", session_id, process };
    const said = { cwd, project, state: "working", state_age_ms: most, git_read: false };
    const lease = { ...known, ...said, held: true };
    expect(measured(LeasesOutput, { leases: [lease] })).toBeLessThanOrEqual(bodyBytesMax);
  });

  test("the largest audit record fits in a line of a stream", () => {
    const digest = "a".repeat(64);
    const record = {
      seq: most,
      at_ms: most,
      direction: "local",
      verb: "window_close",
      peer_fingerprint: `sha256:${"A".repeat(43)}`,
      peer_name: name,
      origin_address: "f".repeat(64),
      origin_transport: "loopback",
      origin_node: "\u0001".repeat(256),
      origin_login: "\u0001".repeat(256),
      handle: `${name}/${name}`,
      from_handle: `${name}/${name}`,
      harness: "claude-code",
      text: question,
      outcome: "fingerprint_mismatch",
      thread_id: uuid,
      subject_id: uuid,
      content_sha256: digest,
      details: JSON.stringify({ scopes: ["ask"] }),
      count: most,
      prev_hash: digest,
      hash: digest,
    };
    expect(measured(AuditRecord, record)).toBeLessThanOrEqual(streamLineBytesMax);
  });
});
