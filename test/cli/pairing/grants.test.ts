import { describe, expect, test } from "bun:test";
import { Scope } from "../../../src/contract/terms.ts";
import { withEntries } from "../../../src/core/grants.ts";
import { both, holding } from "../../support/grants.ts";
import { peer, status } from "../samples.ts";
import { failed, run, text } from "../support.ts";

const laptop = peer({ name: "laptop", grants: both(["ask"], ["ask"]) });
const answers = {
  "peers/show": async () => laptop,
  "peers/grant": async () => laptop,
  "peers/revoke": async () => peer({ name: "laptop", grants: both([], ["ask"]) }),
  "peers/pause": async () =>
    peer({ name: "laptop", grants: { ...both([], ["ask"]), paused: true } }),
  "peers/resume": async () => laptop,
  status: async () => ({ ...status(), machine: { ...status().machine, name: "loft" } }),
};
const terminal = { stdin: true };
const given = { hide: [], for_ms: null, mine: false };

describe("peers grant", () => {
  test("adds an entry, and shows what each side may do from now on", async () => {
    expect(await run("peers grant laptop ask", { answers })).toMatchObject({
      exit: 0,
      out: text("  laptop may here   ask", "  loft may there    ask"),
      err: "",
    });
  });

  test("takes names, hidden facts and an end", async () => {
    const line = "peers grant laptop ask:hydrate,web --hide summary,branch --for 8h";
    const { calls, err } = await run(line, { answers });
    expect(calls).toContainEqual([
      "peers/grant",
      {
        name: "laptop",
        entries: [{ scope: "ask", names: ["hydrate", "web"] }],
        hide: ["summary", "branch"],
        for_ms: 8 * 3_600_000,
        mine: false,
      },
    ]);
    expect(err).toBe(text("not live here now: web"));
  });

  test("says when a limit ends that the machine is one's own", async () => {
    const own = peer({ name: "laptop", grants: { ...both(["ask"], []), mine: true } });
    const scene = { answers: { ...answers, "peers/show": async () => own } };
    const { out } = await run("peers grant laptop ask --for 8h", scene);
    expect(out).toContain("laptop is no longer a machine of your own here");
  });

  test("gives a machine of one's own every scope there is", async () => {
    const { calls } = await run("peers grant laptop mine", { answers, terminal });
    expect(calls).toContainEqual([
      "peers/grant",
      { ...given, name: "laptop", entries: [], mine: true },
    ]);
  });

  test("holds messages again by --hold, which needs no scope and no terminal", async () => {
    const held = peer({ name: "laptop", grants: both(["message"], []) });
    const scene = { answers: { ...answers, "peers/grant": async () => held } };
    const { calls, out, exit } = await run("peers grant laptop --hold", scene);
    expect([exit, calls.find(([path]) => path === "peers/grant")?.[1]]).toMatchObject([
      0,
      { entries: [], hold: true },
    ]);
    expect(out).toContain("messages of laptop wait for a person: peernet inbox");
    for (const [line, wanted] of [
      ["peers grant laptop", "grant takes scopes, mine, --hold or --no-hold"],
      ["peers grant laptop --hold --no-hold", "--hold and --no-hold say the opposite"],
    ] as const) {
      const done = await run(line, scene);
      expect([line, done.exit, done.err.includes(wanted)]).toEqual([line, 2, true]);
    }
  });

  test("takes messages without approval by --no-hold", async () => {
    const { calls } = await run("peers grant laptop ask --no-hold", { answers, terminal });
    const entries = [{ scope: "ask", names: null }];
    expect(calls).toContainEqual([
      "peers/grant",
      { ...given, name: "laptop", entries, hold: false },
    ]);
  });

  for (const line of ["peers grant laptop mine", "peers grant laptop ask --no-hold"]) {
    test(`refuses ${line} without a terminal, before the daemon is called`, async () => {
      const { exit, err, calls } = await run(line, { answers });
      expect([exit, calls]).toEqual([4, []]);
      expect(err).toContain(`in a terminal type: peernet ${line}\n`);
    });
  }

  for (const [line, message, hint] of [
    [
      "ask,message",
      "a comma joins names of handles, and a space parts entries",
      "write: ask message",
    ],
    [
      "ask:api,message",
      "a comma joins names of handles, and a space parts entries",
      "write: ask:api message",
    ],
    ["run", "this version has no scope run", `the scopes are ${Scope.options.join(", ")}`],
    ["ask:", "nothing is no name of a handle", "ask:NAME,NAME with names of a-z, 0-9 and -"],
    ["ask:a_b", "a_b is no name of a handle", "ask:NAME,NAME with names of a-z, 0-9 and -"],
    [
      "ask --for 30s",
      "a grant ends after 1m at the earliest, and after 365d at the latest",
      "write --for 1m or longer",
    ],
    [
      "ask --for 366d",
      "a grant ends after 1m at the earliest, and after 365d at the latest",
      "leave --for out: it has no end then",
    ],
    [
      "ask --for -1h",
      "--for takes a duration such as 5s, 2m, 12h or 7d",
      "peernet peers grant --help",
    ],
    ["none", "grant adds, and none takes away", "peernet peers revoke laptop --all"],
    [
      "ask --hide sumary",
      "there are no facts called sumary",
      "the facts are summary, subject, branch, counts, state, harness, project",
    ],
  ] as const) {
    test(`refuses ${line}, and says what to write`, async () => {
      const outcome = await run(`peers grant laptop ${line}`, { answers });
      expect(outcome).toMatchObject({ exit: 2, err: failed(message, hint) });
      expect(outcome.calls.filter(([path]) => path === "peers/grant")).toEqual([]);
    });
  }

  test("shows the limits of each side's entries", async () => {
    const at = { wallMs: 0, bootMs: 0 };
    const entries = [{ scope: "ask" as const, names: ["api"] }];
    const limits = { hide: ["summary" as const], for_ms: 7_200_000, mine: false };
    const grants = withEntries(holding(), { entries, ...limits }, at);
    const shown = both(["ask"], ["ask"]);
    const [entry] = shown.their_entries;
    if (entry === undefined) throw new Error("no entry");
    const limited = peer({
      name: "laptop",
      grants: {
        ...shown,
        their_entries: [
          {
            ...entry,
            names: ["api"],
            show: [...(grants.entries[0]?.show ?? [])],
            expires_in_ms: 7_200_000,
          },
        ],
        our_entries: [{ scope: "ask", names: null, expires_in_ms: 60_000 }],
      },
    });
    const scene = { answers: { ...answers, "peers/grant": async () => limited } };
    const { out } = await run("peers grant laptop ask:api --hide summary --for 2h", scene);
    expect(out).toContain("ask api, without summary, 2 h left");
    expect(out).toContain("ask, 1 min left");
  });
});

describe("peers revoke, pause and resume", () => {
  test("revoke takes scopes, or all of them, and one of the two", async () => {
    const one = await run("peers revoke laptop ask", { answers });
    expect(one.calls).toContainEqual(["peers/revoke", { name: "laptop", scopes: ["ask"] }]);
    expect(one.out).toContain("nothing");
    const all = await run("peers revoke laptop --all", { answers });
    expect(all.calls).toContainEqual(["peers/revoke", { name: "laptop", scopes: null }]);
    for (const line of ["peers revoke laptop", "peers revoke laptop ask --all"]) {
      expect(await run(line, { answers })).toMatchObject({
        exit: 2,
        err: failed("revoke takes scopes, or --all", "peernet peers revoke laptop --all"),
        calls: [],
      });
    }
  });

  test("pause says how to end it, and resume ends it", async () => {
    const paused = await run("peers pause laptop", { answers });
    expect(paused.out).toContain("nothing while it is paused");
    expect(paused.err).toBe(text("to let it again: peernet peers resume laptop"));
    const resumed = await run("peers resume laptop", { answers });
    expect(resumed.calls).toContainEqual(["peers/resume", { name: "laptop" }]);
    expect(resumed.out).not.toContain("paused");
  });
});
