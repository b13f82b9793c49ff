/** `peernet deactivate` of a handle with unread mail: a person at a terminal decides about it. */

import { describe, expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { ShownMessage } from "../../../src/contract/messages/inbox.ts";
import { run, type Scene, text } from "../support.ts";

describe("deactivate, with unread mail,", () => {
  const mail = {
    ...{ message_id: "01935fd2-61f1-7c6a-9d2e-3b1c5a7e7f3a", direction: "in", stage: "stored" },
    unread: true,
  } as unknown as ShownMessage;
  const answers: Scene["answers"] = {
    deactivate: async () => ({ handle: "loft/hydrate" }),
    inbox: async () => ({ messages: [mail, { ...mail, unread: false }], counts: [], more: 0 }),
    "inbox/refuse": async () => ({ message: mail }),
  };
  const terminal = { stdin: true, stderr: true };
  const asked =
    "1 message of hydrate is unread: peernet inbox\n" +
    "Keep it 7 days for the next session of that name here? [Y/n] ";

  test("asks a person at a terminal, and keeps it unless told otherwise", async () => {
    for (const [line, out] of [
      ["", text("loft/hydrate is no longer live")],
      ["n", text("loft/hydrate is no longer live", "refused 1 message: each sender is told")],
    ] as const) {
      const done = await run("deactivate hydrate", { answers, terminal, lines: [line] });
      expect([done.exit, done.out, done.err]).toEqual([0, out, asked]);
      const refused = done.calls.filter(([path]) => path === "inbox/refuse");
      expect(refused).toHaveLength(line === "n" ? 1 : 0);
    }
  });

  test("asks nothing in a script, nor below a coding agent", async () => {
    const requirePerson = async () => {
      throw new PeernetError("not_a_person");
    };
    for (const scene of [{ answers }, { answers, terminal, requirePerson }]) {
      const done = await run("deactivate hydrate", scene);
      expect([done.exit, done.err]).toEqual([0, ""]);
      expect(done.calls.map(([path]) => path)).toEqual(["deactivate"]);
    }
  });
});
