import { expect, test } from "bun:test";
import { scopes } from "../../../src/cli/frame/grammar.ts";
import { mineQuestion } from "../../../src/cli/pairing/mine.ts";
import type { Candidate, DiscoverOutput } from "../../../src/contract/discovery.ts";
import { pairSweepMs } from "../../../src/contract/limits.ts";
import { fingerprint, opened, otherFingerprint, paired, peer, status } from "../samples.ts";
import { type Answers, failed, noDaemon, run, text } from "../support.ts";
import { candidate, discovered, nowhere, onLan, start } from "./found.ts";

const terminal = { stdin: true, stderr: true };
const mini = candidate();
const air = onLan();

/** A daemon that finds these, and pairs with the chosen one. */
function finding(found: DiscoverOutput | readonly Candidate[], changed: Answers = {}): Answers {
  const output = "searched" in found ? found : discovered(found);
  return {
    discover: async () => output,
    "pair/probe": async ({ to }) => ({ address: to, fingerprint, open: true, paired: null }),
    pair: async () => {
      if (paired.event !== "paired") throw new Error("the sample is no pairing");
      return paired;
    },
    status: async () => status({ peers: [peer()] }),
    ...changed,
  };
}

/** The line at a terminal while nothing was found yet. */
const looking = "looking for an open pairing window";
const lines = ["027674"];
const probes = (calls: readonly (readonly [string, unknown])[]) =>
  calls.filter(([path]) => path === "pair/probe").map(([, input]) => input);
const sweeps = (calls: readonly (readonly [string, unknown])[]): number =>
  calls.filter(([path]) => path === "discover").length;

test("pair takes the one window that is open, and says where it was found", async () => {
  const found = [mini, candidate({ name: "old", address: "a:1", window_open: false })];
  const outcome = await run("pair", { terminal, lines, answers: finding(found) });
  expect(outcome).toMatchObject({
    exit: 0,
    err: `${text(
      looking,
      "mini has a pairing window open (tailnet, you@example.com, 100.88.4.20:7337)",
      `its identity is ${fingerprint}`,
    )}Code shown on mini: ${mineQuestion("mini", { yours: false, scopes })}`,
    done: [],
  });
  expect(outcome.calls).toEqual([
    ["discover", {}],
    ["pair/probe", { to: "100.88.4.20:7337" }],
    ["pair", { code: "027674", to: "100.88.4.20:7337", fingerprint, grant: ["ask"] }],
    ["status", {}],
  ]);
});

test("pair - takes the one window that is open, and asks nothing", async () => {
  const outcome = await run("pair - --grant none", { lines, answers: finding([air]) });
  expect(outcome).toMatchObject({
    exit: 0,
    err: text(
      "air has a pairing window open (lan, 192.168.1.20:7337)",
      `its identity is ${fingerprint}`,
    ),
  });
  expect(outcome.calls).toContainEqual([
    "pair",
    { code: "027674", to: "192.168.1.20:7337", fingerprint, grant: [] },
  ]);
});

const whences: readonly (readonly [Partial<Candidate>, string])[] = [
  [{}, "tailnet, you@example.com"],
  [{ source: "lan", login: null }, "lan"],
  [{ source: "configured", login: null }, "configured"],
  [{ login: null, refusal: "tagged" }, "tailnet, tagged, no user"],
  [{ login: "other@example.com", refusal: "other_user" }, "tailnet, other@example.com"],
];

for (const [changed, whence] of whences) {
  test(`pair says that a window was found on ${whence}`, async () => {
    const { err } = await run("pair -", { lines, answers: finding([candidate(changed)]) });
    expect(err).toStartWith(`mini has a pairing window open (${whence}, 100.88.4.20:7337)\n`);
  });
}

test("pair calls a machine that is paired already by its name here", async () => {
  const probe = async () => ({ address: "a:1", fingerprint, open: true, paired: "studio" });
  const answers = finding([candidate({ paired: "studio" })], { "pair/probe": probe });
  expect((await run("pair", { terminal, lines, answers })).err).toBe(
    `${text(
      looking,
      "studio has a pairing window open (tailnet, you@example.com, a:1)",
      `its identity is ${fingerprint}`,
      "it is paired already; this renews the pairing",
    )}Code shown on studio: ${mineQuestion("mini", { yours: false, scopes })}`,
  );
});

const asked = `${looking}\n2 machines have a pairing window open. The code goes only to one.\n`;
const choices = [
  `  1  mini   100.88.4.20:7337    tailnet, you@example.com   ${fingerprint.slice(0, 23)}`,
  `  2  air    192.168.1.20:7337   lan                        ${otherFingerprint.slice(0, 23)}`,
];

for (const [typed, to] of [
  ["1", mini.address],
  [" 2 ", air.address],
] as const) {
  test(`pair lists several windows and takes number ${typed.trim()}`, async () => {
    const scene = { terminal, lines: [typed, "027674"], answers: finding([mini, air]) };
    const outcome = await run("pair", scene);
    expect(outcome.exit).toBe(0);
    expect(outcome.err).toStartWith(asked);
    expect(`${outcome.out}${outcome.err}`).toContain(text(...choices));
    expect(outcome.err).toContain("Which? ");
    expect(probes(outcome.calls)).toEqual([{ to }]);
  });
}

test("pair lists several windows on stderr, where stdout is for the result", async () => {
  const scene = { terminal, lines: ["1", "027674"], answers: finding([mini, air]) };
  const outcome = await run("pair --json", scene);
  expect(outcome).toMatchObject({ exit: 0, out: text(JSON.stringify(paired)) });
  expect(outcome.err).toStartWith(`${asked}${text(...choices)}Which? `);
});

for (const typed of ["0", "3", "-1", "1.5", "", "mini", "1 2"]) {
  test(`pair asks again when ${JSON.stringify(typed)} chooses none of several`, async () => {
    const scene = { terminal, lines: [typed, "2", "027674"], answers: finding([mini, air]) };
    const outcome = await run("pair", scene);
    expect(outcome.exit).toBe(0);
    expect(outcome.err.split("Which? ")).toHaveLength(3);
    expect(probes(outcome.calls)).toEqual([{ to: air.address }]);
  });
}

const windows = "2 pairing windows are open: mini and air";
const byAddress = "peernet pair --to 100.88.4.20:7337";

test("pair gives up after three choices of none, and at the end of stdin", async () => {
  for (const [typed, questions] of [
    [["x", "y", "z", "1"], 3],
    [["x"], 2],
    [[], 1],
  ] as const) {
    const outcome = await run("pair", { terminal, lines: typed, answers: finding([mini, air]) });
    expect(outcome.exit).toBe(2);
    expect(outcome.err.split("Which? ")).toHaveLength(questions + 1);
    expect(outcome.err).toEndWith(failed(windows, byAddress));
    expect(probes(outcome.calls)).toEqual([]);
  }
});

test("pair - exits 2 when several windows are open, and names them to programs", async () => {
  for (const scene of [{ lines }, { lines, terminal }]) {
    const answers = finding([mini, air]);
    const outcome = await run("pair -", { ...scene, answers });
    expect(outcome).toMatchObject({ exit: 2, out: "", err: failed(windows, byAddress) });
    expect(probes(outcome.calls)).toEqual([]);
    const asJson = await run("pair - --json", { ...scene, answers });
    expect(asJson).toMatchObject({ exit: 2, err: "" });
    expect(JSON.parse(asJson.out)).toEqual({
      error: {
        code: "window_several",
        message: windows,
        hint: byAddress,
        details: { candidates: [mini, air] },
      },
    });
  }
});

const unsearched = "tailnet not searched (Tailscale is not installed), lan is off";
const offer = `${looking}\n${unsearched}\nNo pairing window was found. Open one here? [Y/n] `;

for (const typed of ["", "y", "Y", " yes "]) {
  test(`pair opens a window when none is found and ${JSON.stringify(typed)} typed`, async () => {
    const open: Answers = {
      "pair/open": async function* () {
        yield* [opened, paired];
      },
    };
    const answers = finding(discovered([], { searched: nowhere }), open);
    const outcome = await run("pair --grant none", { terminal, lines: [typed], answers });
    expect(outcome.exit).toBe(0);
    expect(outcome.err).toStartWith(offer);
    expect(outcome.out).toContain("    027-674\n");
    const input = { grant: [], from: null, any_user: false };
    expect(outcome.calls).toContainEqual(["pair/open", input]);
  });
}

for (const typed of [["n"], ["no"], ["x"], ["027674"], []]) {
  test(`pair exits 1 when there is no window and ${JSON.stringify(typed)} is typed`, async () => {
    const answers = finding(discovered([], { searched: nowhere }));
    expect(await run("pair", { terminal, lines: typed, answers })).toEqual({
      exit: 1,
      out: "",
      err: offer,
      calls: [["discover", {}]],
      done: [],
    });
  });
}

test("pair searches once a second for ten seconds, and finds what opens last", async () => {
  let searches = 0;
  const discover = async () => discovered(++searches === 11 ? [mini] : []);
  const late = start("pair -", { lines, answers: finding([], { discover }) });
  await late.effects.timers.advance(pairSweepMs);
  expect((await late.outcome).exit).toBe(0);
  expect(searches).toBe(11);
});

test("pair ends its search after ten seconds, and not before", async () => {
  const { effects, calls, outcome } = start("pair -", { lines, answers: finding([]) });
  await effects.timers.advance(pairSweepMs - 1);
  expect(sweeps(calls)).toBe(10);
  expect(effects.timers.pending()).toBe(1);
  await effects.timers.advance(1);
  expect(await outcome).toMatchObject({ exit: 1 });
  expect(sweeps(calls)).toBe(11);
  expect(effects.timers.pending()).toBe(0);
});

test("pair begins the next search at once when one took over a second", async () => {
  const held: { underway: ReturnType<typeof start> | null } = { underway: null };
  const discover = async () => {
    await new Promise<void>((done) => held.underway?.effects.timers.after(1_500, done));
    return discovered([]);
  };
  held.underway = start("pair -", { lines, answers: finding([], { discover }) });
  await held.underway.effects.timers.advance(10_500);
  expect((await held.underway.outcome).exit).toBe(1);
  expect(sweeps(held.underway.calls)).toBe(7);
});

test("pair does not search again where nothing could be searched", async () => {
  const answers = finding(discovered([], { searched: nowhere }));
  const { calls } = await run("pair -", { lines, answers });
  expect(sweeps(calls)).toBe(1);
});

test("pair starts the daemon when none answers, and searches then", async () => {
  let started = false;
  const discover = () => (started ? Promise.resolve(discovered([mini])) : noDaemon());
  const ensureDaemon = async () => {
    started = true;
  };
  const scene = { lines, ensureDaemon, answers: finding([], { discover }) };
  expect(await run("pair -", scene)).toMatchObject({ exit: 0, done: ["ensureDaemon"] });
});
