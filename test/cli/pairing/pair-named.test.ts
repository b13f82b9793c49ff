/** `pair --to` with a possible machine's name, and the message when nothing was found. */

import { expect, test } from "bun:test";
import { searchedPhrase } from "../../../src/cli/pairing/find.ts";
import type { Candidate, Searched } from "../../../src/contract/discovery.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import { fingerprint, paired, peer, status } from "../samples.ts";
import { type Answers, failed, run } from "../support.ts";
import { candidate, discovered, everywhere, nowhere, onLan, searchedAs, start } from "./found.ts";

const lines = ["027674"];

function finding(candidates: readonly Candidate[], searched = everywhere): Answers {
  return {
    discover: async () => discovered(candidates, { searched }),
    "pair/probe": async ({ to }) => ({ address: to, fingerprint, open: true, paired: null }),
    pair: async () => {
      if (paired.event !== "paired") throw new Error("the sample is no pairing");
      return paired;
    },
    status: async () => status({ peers: [peer()] }),
  };
}

const probed = (calls: readonly (readonly [string, unknown])[]) =>
  calls.filter(([path]) => path !== "status" && path !== "pair");

for (const word of ["mini", "studio"]) {
  test(`pair --to ${word} finds the machine by its own name or its name here`, async () => {
    const answers = finding([onLan(), candidate({ paired: "studio" })]);
    const outcome = await run(`pair --to ${word} -`, { lines, answers });
    expect(outcome.exit).toBe(0);
    expect(outcome.err).toStartWith(
      "studio has a pairing window open (tailnet, you@example.com, 100.88.4.20:7337)\n",
    );
    expect(probed(outcome.calls)).toEqual([
      ["discover", {}],
      ["pair/probe", { to: "100.88.4.20:7337" }],
    ]);
  });
}

test("pair --to exits 1 when the machine of that name has no window open", async () => {
  const answers: Answers = {
    ...finding([candidate({ window_open: false })]),
    "pair/probe": async ({ to }) => ({ address: to, fingerprint, open: false, paired: null }),
  };
  const outcome = await run("pair --to mini -", { lines, answers });
  expect(outcome).toMatchObject({ exit: 1, out: "" });
  expect(outcome.err).toStartWith("peernet: error: no pairing window is open at 100.88.4.20:7337");
});

test("pair --to takes the machine with a window open of two with one name", async () => {
  const answers = finding([onLan({ name: "mini", window_open: false }), candidate()]);
  const outcome = await run("pair --to mini -", { lines, answers });
  expect(outcome.exit).toBe(0);
  expect(probed(outcome.calls)[1]).toEqual(["pair/probe", { to: "100.88.4.20:7337" }]);
});

test("pair --to takes the peer of that name before a machine that says it is", async () => {
  const answers = finding([onLan({ name: "studio" }), candidate({ paired: "studio" })]);
  const outcome = await run("pair --to studio -", { lines, answers });
  expect(outcome.exit).toBe(0);
  expect(probed(outcome.calls)[1]).toEqual(["pair/probe", { to: "100.88.4.20:7337" }]);
});

test("pair --to takes a name that no machine goes by for a host, after three seconds", async () => {
  const underway = start("pair --to laptop -", { lines, answers: finding([candidate()]) });
  await underway.effects.timers.advance(2_999);
  expect(probed(underway.calls)).toEqual(Array.from({ length: 3 }, () => ["discover", {}]));
  await underway.effects.timers.advance(1);
  const { exit, err, calls } = await underway.outcome;
  expect([exit, probed(calls).slice(3)]).toEqual([
    0,
    [
      ["discover", {}],
      ["pair/probe", { to: "laptop" }],
    ],
  ]);
  expect(err).toStartWith("laptop has a pairing window open (laptop)\n");
});

test("pair --to asks for the host at once where nothing could be searched", async () => {
  const { calls } = await run("pair --to laptop -", { lines, answers: finding([], nowhere) });
  expect(probed(calls)).toEqual([
    ["discover", {}],
    ["pair/probe", { to: "laptop" }],
  ]);
});

test("pair --to ends as the probe does when the word is no host either", async () => {
  const answers: Answers = {
    ...finding([], nowhere),
    "pair/probe": async () => {
      throw new PeernetError("peer_unreachable", { message: "server cannot be reached" });
    },
  };
  const outcome = await run("pair --to server -", { lines, answers });
  expect(outcome).toMatchObject({
    exit: 5,
    err: failed("server cannot be reached", "peernet status"),
  });
});

for (const address of ["192.0.2.7", "192.0.2.7:7337", "mini.local", "mini:7337", "[fd7a::1]:1"]) {
  test(`pair --to ${address} searches nothing: it is an address`, async () => {
    const { calls } = await run(`pair --to ${address} -`, {
      lines,
      answers: finding([candidate()]),
    });
    expect(probed(calls)).toEqual([["pair/probe", { to: address }]]);
  });
}

const phrases: readonly (readonly [Searched["source"], string | null, string])[] = [
  ["tailnet", null, "tailnet searched"],
  ["tailnet", "off", "tailnet is off"],
  ["tailnet", "stopped", "tailnet not searched (Tailscale is stopped)"],
  ["tailnet", "missing", "tailnet not searched (Tailscale is not installed)"],
  ["tailnet", "unanswered", "tailnet not searched (Tailscale is not answering)"],
  ["lan", null, "lan searched"],
  ["lan", "off", "lan is off"],
  ["lan", "blocked", "lan not searched (multicast is blocked)"],
  ["lan", "absent", "lan not searched (no network is there)"],
  ["configured", null, "configured searched"],
];

for (const [source, why, phrase] of phrases) {
  test(`searchedPhrase() says ${phrase} when ${source} was not searched for ${why}`, async () => {
    expect(searchedPhrase([searchedAs(source, why)])).toBe(phrase);
    const others = nowhere.filter((one) => one.source !== source);
    const searched = [searchedAs(source, why), ...others];
    const underway = start("pair -", { lines, answers: finding([], searched) });
    await underway.effects.timers.advance(10_000);
    expect(await underway.outcome).toMatchObject({
      exit: 1,
      out: "",
      err: failed(
        `no open window found: ${[phrase, searchedPhrase(others)].join(", ")}`,
        why === "stopped" ? "tailscale up" : "peernet pair --open",
      ),
    });
  });
}

test("pair - names a machine that it found without a window", async () => {
  const closed = [
    candidate({ name: "old", paired: "old", window_open: false }),
    onLan({ window_open: false }),
  ];
  const hintOf = async (candidates: readonly Candidate[], searched: Searched[]) => {
    const answers = finding(candidates, searched);
    const outcome = await run("pair - --json", { lines, answers });
    expect(outcome.exit).toBe(1);
    const { error } = JSON.parse(outcome.out);
    expect(error.code).toBe("window_none");
    return error.hint;
  };
  expect(await hintOf(closed, nowhere)).toBe("on air: peernet pair");
  expect(await hintOf(closed.slice(0, 1), nowhere)).toBe("peernet pair --open");
  expect(await hintOf(closed, [searchedAs("tailnet", "stopped")])).toBe("tailscale up");
});
