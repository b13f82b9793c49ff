import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { wireAnswer } from "../samples.ts";
import { run, text } from "../support.ts";

const answers = { preview: async () => ({ handle: "mini/hydrate", answer: wireAnswer }) };

test("preview shows what a peer is shown, and what it never is", async () => {
  expect(await run("preview hydrate --as laptop", { answers })).toEqual({
    exit: 0,
    out: text(
      "laptop is shown of mini/hydrate",
      "",
      "  session   working for 4 min, Claude Code                              started 2 h ago",
      "  summary   Port the sync client to streaming; two tests still red      set 4 min ago",
      "  project   hydrate",
      "  git       main 91c0d7e, 3 files changed                               seen 12 s ago",
      '            "sync: back off after 429"',
      "  lease     ends in 1 min                                               renewed 12 s ago",
      "",
      "and never: prompts, replies, file names, contents, the folder's path, process ids, " +
        "session ids",
    ),
    err: "",
    calls: [["preview", { name: "hydrate", as: "laptop", session: { name: "hydrate" } }]],
    done: [],
  });
});

test("preview is for any peer and this session by default", async () => {
  const environment = { CLAUDE_CODE_SESSION_ID: "s-1" };
  const { out, calls } = await run("preview", { answers, environment });
  expect(out).toStartWith("A peer that may ask is shown of mini/hydrate\n\n");
  const session = { session_id: "s-1", processes: expect.any(Array) };
  expect(calls).toEqual([["preview", { name: null, as: null, session }]]);
});

test("preview --json prints the exact bytes", async () => {
  expect((await run("preview hydrate --json", { answers })).out).toBe(
    text(JSON.stringify(wireAnswer)),
  );
});

test("preview of a session without a handle names one that is live", async () => {
  const refuse = async () => {
    const details = { live: ["web", "web2"] };
    throw new PeernetError("handle_unknown", { message: "this session has no handle", details });
  };
  const { exit, err } = await run("preview", { answers: { preview: refuse } });
  expect([exit, err]).toEqual([
    1,
    text("peernet: error: this session has no handle", "peernet: hint: peernet preview web"),
  ]);
});
