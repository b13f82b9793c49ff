/** `peernet inbox`: lists, one message, held mail, and what a model is not shown. */

import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { ShownMessage } from "../../../src/contract/messages/inbox.ts";
import { run, text } from "../support.ts";

const message = (end: string, more: Partial<ShownMessage> = {}): ShownMessage => ({
  message_id: `01935fd2-61f1-7c6a-9d2e-3b1c5a7e${end}`,
  thread_id: "01935fd2-61f1-7c6a-9d2e-3b1c5a7e9f01",
  reply_to: null,
  direction: "in",
  peer: "laptop",
  from: "laptop/retry-sync",
  to: "mini/hydrate",
  mailbox: "hydrate",
  by: "session",
  topic: null,
  age_ms: 1_000,
  at_ms: 0,
  stage: "surfaced",
  reason: null,
  unread: false,
  quiet: false,
  excerpt: "Auth is ready",
  expires_in_ms: null,
  ...more,
});

const held = message("c20e", {
  ...{ mailbox: "api", from: "bob/api", age_ms: 240_000, stage: "held" },
  excerpt: "Could you rerun the importer?",
});
const persons = message("1b90", {
  ...{ mailbox: null, from: "laptop", age_ms: 7_200_000, stage: "stored", unread: true },
  excerpt: "Registry moves tonight",
});
const heldLine =
  "c20e  api       bob/api             4 min   held         Could you rerun the importer?";
const inbox = async () => ({ messages: [persons, message("7f3a"), held], counts: [], more: 0 });
const agent = async () => {
  throw new PeernetError("not_a_person");
};

test("inbox lists the person's mail first, and how to approve what is held", async () => {
  const { exit, out } = await run("inbox", { answers: { inbox } });
  expect([exit, out]).toEqual([
    0,
    text(
      "ID    FOR       FROM                AGE     STAGE        TEXT",
      "1b90  you       laptop              2 h     –            Registry moves tonight",
      "7f3a  hydrate   laptop/retry-sync   now     in context   Auth is ready",
      heldLine,
      "held: peernet inbox approve c20e",
    ),
  ]);
  const none = async () => ({ messages: [], counts: [], more: 0 });
  expect((await run("inbox", { answers: { inbox: none } })).err).toBe("no mail here\n");
});

test("inbox offers no decision about a message that waits for a person elsewhere", async () => {
  const left = { ...held, direction: "out", mailbox: null, to: "bob/api" } as const;
  const answers = { inbox: async () => ({ messages: [left], counts: [], more: 0 }) };
  const { out } = await run("inbox --all", { answers });
  expect(out).toContain("held");
  expect(out).not.toContain("approve");
});

test("inbox shows a model no text that is held, and no command that approves it", async () => {
  for (const line of ["inbox", "inbox --json"]) {
    const done = await run(line, { answers: { inbox }, requirePerson: agent });
    expect(done.out).not.toContain("importer");
    expect(done.out).not.toContain("approve");
    expect(done.out).toContain("a person has to look");
  }
  const show = async () => ({ ...held, text: "Could you rerun the importer?" });
  const scene = { answers: { "inbox/show": show }, requirePerson: agent };
  const shown = await run("inbox show c20e", scene);
  expect([shown.exit, shown.out]).toEqual([4, ""]);
});

test("inbox show prints the text through the allow-list, and how to answer", async () => {
  const show = async () => ({ ...message("7f3a"), text: "one\n\x1b[31mtwo\u202e" });
  const { out, err, calls } = await run("inbox show 7f3a", { answers: { "inbox/show": show } });
  expect(out).not.toContain("\x1b");
  expect(out).not.toContain("\u202e");
  expect(out.split("\n")[0]).toBe("from    laptop/retry-sync");
  expect(err).toBe("to answer: peernet reply 7f3a\n");
  expect(calls).toEqual([["inbox/show", { id: "7f3a", reads: true }]]);
});

test("inbox approve and refuse say who gets it, and who is told", async () => {
  const answer = async () => ({ message: held });
  const approved = await run("inbox approve c20e", { answers: { "inbox/approve": answer } });
  expect([approved.exit, approved.out]).toEqual([0, "approved: mini/hydrate gets it\n"]);
  const refused = await run("inbox refuse c20e", { answers: { "inbox/refuse": answer } });
  expect([refused.exit, refused.out]).toEqual([0, "refused: bob/api is told\n"]);
});

test("inbox --follow --json goes on with one line a message", async () => {
  const follow = async function* () {
    yield { ...message("0001"), text: "hello" };
  };
  const none = async () => ({ messages: [], counts: [], more: 0 });
  const answers = { inbox: none, "inbox/follow": follow };
  const { out, exit } = await run("inbox --follow --json", { answers });
  expect([exit, JSON.parse(out.split("\n")[1] ?? "")]).toMatchObject([0, { text: "hello" }]);
});
