import { expect, test } from "bun:test";
import { main } from "../../../src/cli/cli.ts";
import type { AnswerMany } from "../../../src/contract/ask.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import type { Peer } from "../../../src/contract/peer.ts";
import { until } from "../../support/until.ts";
import { answer, goneServer, peer } from "../samples.ts";
import { failed, run, stage, text } from "../support.ts";

const many: AnswerMany = {
  answers: [
    answer({
      handle: "mini/api",
      session: { ...answer().session, state: "waiting", state_for_ms: 9 * 60_000 },
      git: { ...gitOf(), sha: `5d20c11${"0".repeat(33)}`, dirty: 0 },
      summary: null,
      round_trip_ms: 9,
    }),
    answer({
      session: { ...answer().session, state_for_ms: 5 * 60_000 },
      round_trip_ms: 14,
    }),
  ],
  errors: [
    {
      handle: "server",
      error: {
        code: "peer_unreachable",
        message: "server cannot be reached at 100.70.2.9:7337",
        hint: "wake server, then ask again",
      },
      last_seen_age_ms: 3 * 3_600_000,
      standing: { link: "down", link_reason: null, acknowledged: true },
    },
  ],
  asked: 2,
  answered: 2,
};

/** One machine is paired: it alone is asked. */
const peers = async () => ({ peers: [peer()] });

function gitOf() {
  const { git } = answer();
  if (git === null) throw new Error("the sample has git facts");
  return git;
}

test("ask without a handle shows one line for each, cut to the terminal", async () => {
  const scene = {
    answers: { ask: async () => many, peers },
    terminal: { stdout: true, columns: 96 },
  };
  expect(await run("ask", scene)).toEqual({
    exit: 0,
    out: text(
      "HANDLE         STATE            GIT                   SUMMARY",
      "mini/api       waiting 9 min    main 5d20c11          –",
      "mini/hydrate   working 5 min    main 91c0d7e +3       " +
        "Port the sync client to streaming; two te…",
      "server         down, last seen 3 h ago",
      "2 asked, 2 answered · 14 ms",
    ),
    err: "",
    calls: [
      ["peers", {}],
      ["ask", { handle: null, question: null, thread_id: null }],
    ],
    done: [],
  });
});

test("ask on 40 columns keeps the summary, on a line of its own", async () => {
  const terminal = { stdout: true, columns: 40 };
  const { out } = await run("ask", { answers: { ask: async () => many, peers }, terminal });
  expect(out).toBe(
    text(
      "mini/api      waiting 9 min",
      "mini/hydrate  working 5 min",
      "  Port the sync client to streaming; tw…",
      "server        down, last seen 3 h ago",
      "2 asked, 2 answered · 14 ms",
    ),
  );
});

test("ask cuts nothing where stdout is no terminal", async () => {
  const { out } = await run("ask", { answers: { ask: async () => many, peers } });
  expect(out).toContain("Port the sync client to streaming; two tests still red\n");
});

test("ask of one machine records the question there", async () => {
  const outcome = await run("ask mini/ who is in sync.ts?", { answers: { ask: async () => many } });
  expect(outcome.calls[0]?.[1]).toEqual({
    handle: "mini/",
    question: "who is in sync.ts?",
    thread_id: null,
  });
  expect(outcome.out).toEndWith("Your question is on record there; no model read it.\n");
});

test("ask shows the last known facts of a machine that sleeps, with their age", async () => {
  const hydrate = { ...peer().handles[0], handle: "server/web", state: "idle", branch: "main" };
  const known = { age_ms: 3 * 3_600_000, handles: [{ ...hydrate, summary: "Rotate the keys" }] };
  const errors = many.errors.map((error) => ({ ...error, last_known: known }));
  const asleep = { ...many, errors } as AnswerMany;
  const { out } = await run("ask", { answers: { ask: async () => asleep, peers } });
  expect(out.split("\n").slice(3, 5)).toEqual([
    "server         down, last seen 3 h ago",
    "server/web     idle 3 h ago     main                  Rotate the keys",
  ]);
  const terminal = { stdout: true, columns: 40 };
  const narrow = await run("ask", { answers: { ask: async () => asleep, peers }, terminal });
  expect(narrow.out).toContain("server/web    idle 3 h ago\n  Rotate the keys\n");
});

test("ask of a session on a silent machine shows its last known facts first", async () => {
  const web = { ...peer().handles[0], handle: "mini/web", state: "idle", summary: "Rotate" };
  const last_known = { age_ms: 60_000, handles: [web, { ...web, handle: "mini/other" }] };
  const asleep = { ...peer(), link: "down", handles: [], last_known } as Peer;
  const outcome = await run("ask mini/web", {
    answers: {
      ask: async () => Promise.reject(new PeernetError("peer_timeout")),
      "peers/show": async () => asleep,
    },
  });
  expect([outcome.exit, outcome.out]).toEqual([5, ""]);
  expect(outcome.err).toStartWith(text("last known   mini/web   idle 1 min ago   –   Rotate"));
});

test("ask exits with the first error's code and shows its hint when nobody answered", async () => {
  const none: AnswerMany = { answers: [], errors: many.errors, asked: 0, answered: 0 };
  const outcome = await run("ask", { answers: { ask: async () => none, peers } });
  expect(outcome).toMatchObject({
    exit: 5,
    out: text(
      "HANDLE   STATE            GIT                   SUMMARY",
      "server   down, last seen 3 h ago",
      "0 asked, 0 answered",
    ),
    err: text("peernet: hint: wake server, then ask again"),
  });
  expect(await run("ask --json", { answers: { ask: async () => none } })).toMatchObject({
    exit: 5,
    out: text(JSON.stringify(none)),
    err: "",
  });
});

test("ask exits 70 for a code it does not know", async () => {
  const error = { code: "new_code", message: "new", hint: "new" };
  const none = {
    answers: [],
    errors: [{ handle: "mini", error, last_seen_age_ms: null }],
    asked: 1,
    answered: 0,
  };
  expect((await run("ask", { answers: { ask: async () => none, peers } })).exit).toBe(70);
});

test("ask says what to do when there is nothing to ask", async () => {
  const empty: AnswerMany = { answers: [], errors: [], asked: 0, answered: 0 };
  const ask = async () => empty;
  const alone = { ask, peers: async () => ({ peers: [] }) };
  expect(await run("ask", { answers: alone })).toMatchObject({
    exit: 1,
    out: "",
    err: failed("no machine is paired with this one", "peernet pair"),
  });
  const pair = [peer({ handles: [] }), goneServer];
  const quiet = { ask, peers: async () => ({ peers: pair }) };
  expect(await run("ask", { answers: quiet })).toMatchObject({
    exit: 1,
    err: failed("no live handle on mini, server", "on mini run: peernet activate"),
  });
  expect(await run("ask mini/", { answers: { ask } })).toMatchObject({
    exit: 1,
    err: failed("mini has no live handle", "on mini run: peernet activate"),
  });
  expect(await run("ask --json", { answers: { ask } })).toMatchObject({
    exit: 1,
    out: text('{"answers":[],"errors":[],"asked":0,"answered":0}'),
    err: "",
  });
});

test("ask of every machine prints each as it answers, whichever stays silent", async () => {
  const silent = Promise.withResolvers<AnswerMany>();
  const { answers, errors } = many;
  const none = { answers: [], errors: [], asked: 0, answered: 0 };
  const parts: Record<string, () => Promise<AnswerMany>> = {
    "mini/": async () => ({ ...none, answers, asked: 2, answered: 2 }),
    "server/": () => silent.promise,
    "attic/": async () => none,
  };
  const peers = [peer(), goneServer, peer({ name: "attic", handles: [] })];
  const scene = {
    answers: {
      peers: async () => ({ peers }),
      ask: ({ handle }: { readonly handle: string | null }) =>
        parts[String(handle)]?.() ?? Promise.reject(new Error(`asked ${handle}`)),
    },
    terminal: { stdout: true, columns: 80 },
  };
  const set = stage(scene);
  const exit = main(["ask"], set.io);
  await until("mini answered", () => set.out().includes("mini/hydrate"));
  expect(set.out()).not.toContain("server");
  expect(set.out()).not.toContain("asked");
  silent.resolve({ ...none, errors });
  expect(await exit).toBe(0);
  expect(set.out()).toBe(
    text(
      "HANDLE         STATE            GIT                   SUMMARY",
      "mini/api       waiting 9 min    main 5d20c11          –",
      "mini/hydrate   working 5 min    main 91c0d7e +3       Port the sync client to s…",
      "server         down, last seen 3 h ago",
      "2 asked, 2 answered · 14 ms",
    ),
  );
  const threads = set.calls.flatMap(([name, input]) =>
    name === "ask" ? [Object(input).thread_id] : [],
  );
  expect([threads.length, new Set(threads).size, typeof threads[0]]).toEqual([3, 1, "string"]);
});

const handles = (names: readonly string[]) =>
  names.map((name) => ({
    handle: name,
    project: "hydrate",
    state: null,
    state_for_ms: null,
    expires_in_ms: 60_000,
  }));

/** Answers for one handle, and refuses every other as the daemon does. */
function answering(handle: string) {
  const ask = async ({ handle: asked }: { readonly handle: string | null }) => {
    if (asked === handle) return handle.endsWith("/") ? many : answer({ handle });
    const machine = asked?.includes("/") === true && !asked.startsWith("mini/");
    throw machine
      ? new PeernetError("peer_unknown", {
          message: "no peer is called that",
          hint: "peernet peers",
        })
      : new PeernetError("handle_unknown", { message: `${asked} is not live`, hint: "live: x" });
  };
  const peers = async () => ({
    peers: [
      peer({ name: "mini", handles: handles(["mini/hydrate", "mini/api"]) }),
      peer({ name: "server", handles: handles(["server/api"]) }),
    ],
  });
  return { ask, peers };
}

test("ask takes a machine's name alone, a handle of one machine, and upper case", async () => {
  for (const [line, meant, notes] of [
    ["ask mini", "mini/", "mini is mini/ here\n"],
    ["ask hydrate why", "mini/hydrate", "hydrate is mini/hydrate here\n"],
    ["ask MINI/Hydrate", "mini/hydrate", ""],
  ] as const) {
    const outcome = await run(line, { answers: answering(meant) });
    expect([line, outcome.exit, outcome.err]).toEqual([line, 0, notes]);
    expect(Object(outcome.calls.at(-1)?.[1]).handle).toBe(meant);
  }
});

test("ask says what was meant where it could be several, or is a slip", async () => {
  for (const [line, message, hint] of [
    ["ask api", "api is not live", "did you mean mini/api or server/api"],
    ["ask hydrat", "hydrat is not live", "did you mean mini/hydrate"],
    ["ask servr", "servr is not live", "did you mean server/"],
    ["ask mni/hydrate", "no peer is called that", "did you mean mini/hydrate"],
    ["ask zzzzzz", "zzzzzz is not live", "live: x"],
  ] as const) {
    const outcome = await run(line, { answers: answering("none") });
    expect([line, outcome.exit, outcome.err]).toEqual([line, 1, failed(message, hint)]);
  }
  expect((await run("ask api/coordinator_main")).err).toBe(
    failed("a name has no _ in it: api/coordinator_main", "peernet ask api/coordinator-main"),
  );
});
