/** The machines around a daemon, and commands that search until the time is over. */

import { main } from "../../../src/cli/cli.ts";
import type { Candidate, DiscoverOutput, Searched } from "../../../src/contract/discovery.ts";
import { fingerprint, otherFingerprint } from "../samples.ts";
import { type Outcome, type Scene, stage } from "../support.ts";

/** mini, on the tailnet, with a window open; with other fields where given. */
export const candidate = (changed: Partial<Candidate> = {}): Candidate => ({
  name: "mini",
  source: "tailnet",
  address: "100.88.4.20:7337",
  fingerprint,
  window_open: true,
  paired: null,
  login: "you@example.com",
  refusal: null,
  ...changed,
});

/** air, on the LAN, with a window open; with other fields where given. */
export const onLan = (changed: Partial<Candidate> = {}): Candidate =>
  candidate({
    name: "air",
    source: "lan",
    address: "192.168.1.20:7337",
    fingerprint: otherFingerprint,
    login: null,
    ...changed,
  });

/** A searched source, or the reason why it was not searched. */
export const searchedAs = (source: Searched["source"], why: string | null): Searched => ({
  source,
  searched: why === null,
  why,
});

/** Every source searched. */
export const everywhere: Searched[] = [
  searchedAs("tailnet", null),
  searchedAs("lan", null),
  searchedAs("configured", null),
];

/** No source searched: another look finds nothing either. */
export const nowhere: Searched[] = [
  searchedAs("tailnet", "missing"),
  searchedAs("lan", "off"),
  searchedAs("configured", "off"),
];

/** The result of a search. */
export const discovered = (
  candidates: readonly Candidate[],
  changed: Partial<DiscoverOutput> = {},
): DiscoverOutput => ({
  candidates: [...candidates],
  unreachable: 0,
  searched: everywhere,
  took_ms: 512,
  ...changed,
});

/** A command under way, whose time a test moves. */
export interface Underway {
  readonly effects: ReturnType<typeof stage>["effects"];
  readonly calls: ReturnType<typeof stage>["calls"];
  readonly outcome: Promise<Outcome>;
}

/** Starts a command that waits for time to pass. */
export function start(line: string, scene: Scene): Underway {
  const { io, effects, calls, done, out, err } = stage(scene);
  const outcome = main(line.split(" "), io).then(
    (exit): Outcome => ({ exit, out: out(), err: err(), calls, done }),
  );
  return { effects, calls, outcome };
}
