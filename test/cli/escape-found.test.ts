/** The results of a search and the observations of doctor, with hostile text in every field. */

import { expect, test } from "bun:test";
import type { DiscoverOutput } from "../../src/contract/discovery.ts";
import type { Check } from "../../src/contract/doctor.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import type { PolicyOutput } from "../../src/contract/policy/rows.ts";
import { check, corpus, lineCount, poisoned, scenes } from "./hostile.ts";
import { candidate, discovered, nowhere, onLan, searchedAs } from "./pairing/found.ts";
import { fingerprint, paired, peer, status } from "./samples.ts";
import { type Answers, run } from "./support.ts";

/** Doctor takes a handle for itself; a refusal keeps its answers out of this test. */
const activate = async (): Promise<never> => {
  throw new PeernetError("handle_held");
};

const several = discovered(
  [
    candidate({ paired: "mini" }),
    candidate({ refusal: "other_user", window_open: false }),
    onLan({ refusal: "tagged", source: "tailnet" }),
    onLan(),
  ],
  { unreachable: 2, searched: [searchedAs("tailnet", "unanswered"), searchedAs("lan", null)] },
);
const one = discovered([candidate()]);
const closed = discovered([candidate({ window_open: false })], { searched: nowhere });
const checks: { checks: Check[] } = {
  checks: [
    { name: "listener", state: "ok", detail: "listens on 100.101.7.3:7337", fix: null },
    { name: "tailscale", state: "warning", detail: "stopped", fix: "tailscale up" },
    { name: "reachable", state: "failed", detail: "mini could not connect", fix: "open the port" },
  ],
};

/** A policy with a fault, whose line a person wrote. */
const policy: PolicyOutput = {
  ...{ path: "/p/policy.toml", state: "invalid", digest: null, text: null },
  ...{ fault: { line: 3, message: "no value" }, repositories: [], loose: [] },
  ...{ readers: [], runs: [] },
};

const { machine } = status();
/** As hostile text in it does, this version differs from the command's. */
const older = status({
  machine: { ...machine, version: "0.0.9" },
  peers: [peer({ version: "0.0.8" })],
});

type Poison = <T>(value: T) => T;
const finding =
  (found: DiscoverOutput) =>
  (p: Poison): Answers => ({
    discover: async () => p(found),
    "pair/probe": async () => p({ address: "a:1", fingerprint, open: true, paired: "mini" }),
    pair: async () => {
      if (paired.event !== "paired") throw new Error("the sample is no pairing");
      return p(paired);
    },
    status: async () => p(status({ peers: [peer()] })),
  });

/** Every display of found machines, with the typed lines and the answers. */
const shows: readonly (readonly [string, readonly string[], (poison: Poison) => Answers])[] = [
  ["discover", [], finding(several)],
  ["discover", [], finding(closed)],
  ["pair -", ["027674"], finding(one)],
  ["pair -", ["027674"], finding(several)],
  ["pair -", ["027674"], finding(closed)],
  ["pair", ["2", "027674"], finding(several)],
  ["pair", ["x", "y", "z"], finding(several)],
  ["pair", ["n"], finding(closed)],
  [
    "doctor",
    [],
    (p) => ({
      ...{ doctor: async () => p(checks), status: async () => p(older), activate },
      policy: async () => p(policy),
    }),
  ],
];

for (const [place, scene] of Object.entries(scenes)) {
  const words = place.endsWith("JSON") ? " --json" : "";
  for (const [at, [line, lines, answersOf]] of shows.entries()) {
    test(`${line} (${at}) prints what was found in allowed characters on ${place}`, async () => {
      const set = { ...scene, lines, terminal: { ...scene.terminal, stdin: true } };
      const plain = await run(`${line}${words}`, { ...set, answers: answersOf((value) => value) });
      expect(plain.exit).not.toBe(70);
      check(plain, scene);
      for (const [name, poison] of Object.entries(corpus)) {
        const answers = answersOf((value) => poisoned(value, poison, ["state"]));
        const outcome = await run(`${line}${words}`, { ...set, answers });
        expect([name, outcome.exit]).toEqual([name, plain.exit]);
        check(outcome, scene);
        if (scene.terminal !== undefined) continue;
        expect([name, lineCount(outcome.out)]).toEqual([name, lineCount(plain.out)]);
        expect([name, lineCount(outcome.err)]).toEqual([name, lineCount(plain.err)]);
      }
    });
  }
}
