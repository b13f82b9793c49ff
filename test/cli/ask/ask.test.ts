import { expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { answer, nowMs, peer, thread } from "../samples.ts";
import { failed, noDaemon, run, text } from "../support.ts";

const one = { ask: async () => answer() };

const hydrate = [
  "mini/hydrate   working for 4 min   Claude Code, started 2 h ago",
  "",
  "  summary   Port the sync client to streaming; two tests still red      set 4 min ago",
  "  project   hydrate",
  "  git       main 91c0d7e, 3 files changed                               seen 12 s ago",
  '            "sync: back off after 429"',
  "",
];

test("ask shows what one handle answered, and that no model read the question", async () => {
  const words = ["ask", "mini/hydrate", "what are you working on?"];
  expect(await run(words, { answers: one })).toEqual({
    exit: 0,
    out: text(
      ...hydrate,
      "Facts held by mini's daemon, 12 ms. Your question is on record there; no model read it.",
      `thread ${thread}`,
    ),
    err: "",
    calls: [
      ["ask", { handle: "mini/hydrate", question: "what are you working on?", thread_id: null }],
    ],
    done: [],
  });
});

test("ask says nothing of a question when none was given", async () => {
  expect((await run("ask mini/hydrate", { answers: one })).out).toBe(
    text(...hydrate, "Facts held by mini's daemon, 12 ms.", `thread ${thread}`),
  );
});

test("ask says here where the handle is this machine's", async () => {
  const answers = { ask: async () => answer({ handle: "hydrate", round_trip_ms: 0.4 }) };
  expect((await run("ask hydrate why", { answers })).out).toContain(
    "Facts held by this machine's daemon, under 1 ms. " +
      "Your question is on record here; no model read it.\n",
  );
});

test("ask joins the words of a question, and takes flags on any side of them", async () => {
  const { calls } = await run(
    `ask --timeout 2s mini/hydrate is retry.ts free? --thread ${thread} --json`,
    { answers: one },
  );
  expect(calls).toEqual([
    [
      "ask",
      {
        handle: "mini/hydrate",
        question: "is retry.ts free?",
        thread_id: thread,
        timeout_ms: 2_000,
      },
    ],
  ]);
});

test("ask shows a dash for what was never pushed, and that a shell tells no state", async () => {
  const { session } = answer();
  const bare = answer({
    git: null,
    summary: null,
    session: { ...session, state: null, state_for_ms: null, harness: "shell" },
  });
  expect((await run("ask mini/hydrate", { answers: { ask: async () => bare } })).out).toBe(
    text(
      "mini/hydrate   state not told   shell, started 2 h ago",
      "",
      "  summary   – this session has not set one",
      "  project   hydrate",
      "  git       –",
      "",
      "Facts held by mini's daemon, 12 ms.",
      `thread ${thread}`,
    ),
  );
});

test("ask words git facts of every kind", async () => {
  const seen = { observed_at_ms: nowMs, age_ms: 0 };
  const sha = "91c0d7e000000000000000000000000000000000";
  const words: readonly (readonly [NonNullable<ReturnType<typeof answer>["git"]>, string])[] = [
    [{ sha, subject: null, branch: "main", dirty: 0, ...seen }, "main 91c0d7e, clean"],
    [
      { sha, subject: null, branch: null, dirty: 1, why: { branch: "detached" }, ...seen },
      "detached 91c0d7e, 1 file changed",
    ],
    [
      { sha, subject: null, branch: "main", dirty: null, ahead: 0, behind: 0, ...seen },
      "main 91c0d7e, changes unknown",
    ],
    [
      { sha, subject: null, branch: "main", dirty: 0, ahead: 2, behind: 1, ...seen },
      "main 91c0d7e, clean, 2 ahead, 1 behind",
    ],
    [
      { sha: null, subject: null, branch: "main", dirty: 2, ...seen },
      "main without a commit, 2 files changed",
    ],
  ];
  for (const [git, line] of words) {
    const answers = { ask: async () => answer({ git, summary: null }) };
    const { out } = await run("ask mini/hydrate", { answers });
    expect(out).toContain(`  git       ${line}      seen now\n\n`);
  }
});

test("ask wraps a long summary on a terminal, and nowhere else", async () => {
  const summary = { text: "port ".repeat(20).trim(), observed_at_ms: nowMs, age_ms: 0 };
  const answers = { ask: async () => answer({ summary, git: null }) };
  const wrapped = await run("ask mini/hydrate", {
    answers,
    terminal: { stdout: true, columns: 80 },
  });
  expect(wrapped.out).toContain(
    text(
      "  summary   port port port port port port port port port      set now",
      "            port port port port port port port port port",
      "            port port",
      "  project   hydrate",
    ),
  );
  expect((await run("ask mini/hydrate", { answers })).out).toContain(
    `  summary   ${summary.text}      set now\n`,
  );
});

test("ask starts the daemon when none answers, then asks again", async () => {
  let started = false;
  const outcome = await run("ask mini/hydrate", {
    answers: { ask: () => (started ? one.ask() : noDaemon()) },
    ensureDaemon: async () => {
      started = true;
    },
  });
  expect(outcome).toMatchObject({ exit: 0, err: "", done: ["ensureDaemon"] });
  expect(outcome.calls.map(([path]) => path)).toEqual(["ask", "ask"]);
});

test("ask refuses a question without a handle before it, and asks nobody", async () => {
  for (const word of ["what are you doing?", "..", "mini//", "мини/a", ""]) {
    expect([word, await run(["ask", word])]).toEqual([
      word,
      {
        exit: 2,
        out: "",
        err: failed(
          `a question needs a HANDLE before it, and this is none: ${word}`,
          "peernet ask HANDLE QUESTION, where HANDLE is as mini/hydrate: a-z, 0-9 and -",
        ),
        calls: [],
        done: [],
      },
    ]);
  }
});

test("ask refuses a timeout over 60 s and takes one of 60 s", async () => {
  expect(await run("ask --timeout 61s")).toMatchObject({
    exit: 2,
    err: failed("--timeout is at most 60s", "peernet ask --timeout 60s"),
  });
  const { calls } = await run("ask mini/hydrate --timeout 1m", { answers: one });
  expect(calls[0]?.[1]).toMatchObject({ timeout_ms: 60_000 });
});

test("ask prints the daemon's answer unchanged with --json", async () => {
  const { exit, out, err } = await run("ask mini/hydrate --json", { answers: one });
  expect([exit, out, err]).toEqual([0, text(JSON.stringify(answer())), ""]);
});

const errors: readonly (readonly [PeernetError, number, string])[] = [
  [
    new PeernetError("handle_unknown", {
      message: "mini/hydrate is not live: its lease ended 12 min ago",
      hint: "live on mini now: mini/api, mini/infra",
      details: { live: ["mini/api", "mini/infra"] },
    }),
    1,
    failed(
      "mini/hydrate is not live: its lease ended 12 min ago",
      "live on mini now: mini/api, mini/infra",
    ),
  ],
  [
    new PeernetError("peer_timeout", {
      message: "mini did not answer within 5 s; last seen 3 h ago, the tailnet says it is offline",
      hint: "wake mini, then ask again",
    }),
    5,
    failed(
      "mini did not answer within 5 s; last seen 3 h ago, the tailnet says it is offline",
      "wake mini, then ask again",
    ),
  ],
  [
    new PeernetError("peer_refused", {
      message: "mini no longer accepts this machine (unpaired there, or its state was reset)",
    }),
    4,
    failed(
      "mini no longer accepts this machine (unpaired there, or its state was reset)",
      "peernet pair",
    ),
  ],
  [
    new PeernetError("bad_request", { message: "text must be at most 1024 bytes" }),
    2,
    failed("text must be at most 1024 bytes", "peernet help"),
  ],
];

for (const [error, exit, err] of errors) {
  test(`ask exits ${exit} for ${error.code} with the daemon's own words`, async () => {
    const ask = async (): Promise<never> => {
      throw error;
    };
    const answers = { ask, "peers/show": async () => peer() };
    expect(await run("ask mini/hydrate", { answers })).toMatchObject({
      exit,
      out: "",
      err,
    });
  });
}
