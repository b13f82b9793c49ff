import { expect, test } from "bun:test";
import type { Searched } from "../../src/contract/discovery.ts";
import { type Check, DoctorOutput } from "../../src/contract/doctor.ts";
import { networkChecks, type Observations } from "../../src/core/doctor.ts";

const searchedAs = (source: Searched["source"], why: string | null): Searched => ({
  source,
  searched: why === null,
  why,
});

/** A machine of which all is well, with other observations where given. */
const seen = (changed: Partial<Observations> = {}): Observations => ({
  listen: ["192.168.1.5:7337"],
  listensBeyond: true,
  taken: [],
  dialledBy: [],
  heardInTurns: [],
  peers: [],
  disagreeing: [],
  uncompared: [],
  stuck: [],
  notification: null,
  webhooks: [],
  tailnet: searchedAs("tailnet", null),
  lan: searchedAs("lan", null),
  hearsItself: true,
  wallMs: 1_800_000_000_000,
  newestRecordAtMs: 1_800_000_000_000,
  ...changed,
});

/** A peer of which all is well, with other facts where given. */
const peerOf = (
  changed: Partial<Observations["peers"][number]>,
): Observations["peers"][number] => ({
  name: "mini",
  link: "up",
  link_reason: null,
  acknowledged: true,
  last_seen_age_ms: 0,
  aheadMs: 0,
  ...changed,
});

const named = (name: string, changed: Partial<Observations>): readonly Check[] =>
  networkChecks(seen(changed)).filter((check) => check.name === name);

const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail, fix: null });

test("networkChecks() finds nothing wrong with a machine of which all is well", () => {
  expect(networkChecks(seen())).toEqual([
    ok("listener", "listens on 192.168.1.5:7337"),
    ok("tailscale", "tailscaled answers"),
    ok("multicast", "this machine hears its own announcement"),
    ok("clock", "not behind the audit trail"),
  ]);
});

test("networkChecks() says how the last notification ended, and nothing before one", () => {
  const notShown = (why: string) => named("notifications", { notification: why })[0]?.detail;
  expect(["unsupported", "no_keeper", "lost", "deadline", "failed", "later"].map(notShown)).toEqual(
    [
      ...["this machine has no gdbus, busctl or osascript", "no keeper runs"],
      ...["the keeper ended meanwhile", "the desktop did not answer in time"],
      ...["no desktop took it", "no desktop took it"],
    ].map((why) => `the last one was not shown: ${why}`),
  );
  const shown = [ok("notifications", "the desktop showed the last one")];
  expect(named("notifications", { notification: "done" })).toEqual(shown);
  expect(named("notifications", { notification: null })).toEqual([]);
});

test("networkChecks() names what is listened on, and fails when it is nothing", () => {
  const two = ["192.168.1.5:7337", "[fd7a::1]:7337"];
  expect(named("listener", { listen: two })).toEqual([
    ok("listener", "listens on 192.168.1.5:7337, [fd7a::1]:7337"),
  ]);
  expect(named("listener", { listen: ["127.0.0.1:7337"], listensBeyond: false })).toEqual([
    {
      name: "listener",
      state: "warning",
      detail: "listens on 127.0.0.1:7337 only: this machine can ask and cannot be asked",
      fix: "peernet setup --listen tailnet",
    },
  ]);
  const tailnet = searchedAs("tailnet", "missing");
  expect(named("listener", { listen: [], tailnet })).toMatchObject([
    { fix: "peernet setup --listen lan" },
  ]);
  for (const listensBeyond of [false, true]) {
    expect(named("listener", { listen: [], listensBeyond })).toEqual([
      {
        name: "listener",
        state: "failed",
        detail: "no address of the settings is this machine's now",
        fix: "peernet setup --listen tailnet",
      },
    ]);
  }
});

test("networkChecks() tells of being reached by what peers said, and by nothing else", () => {
  expect(named("reachable", {})).toEqual([]);
  const dialledBy = [
    { peer: "mini", succeeded: true },
    { peer: "studio", succeeded: false },
  ];
  const listen = ["192.168.1.5:7337", "10.0.0.5:7337"];
  expect(named("reachable", { dialledBy, listen })).toEqual([
    ok("reachable", "mini connects to this machine"),
    {
      name: "reachable",
      state: "failed",
      detail:
        "studio could not connect to 192.168.1.5:7337, 10.0.0.5:7337; this machine can ask it",
      fix: "let peernet through this machine's firewall, or listen where the peer is",
    },
  ]);
});

const tailnets: readonly (readonly [string | null, Check["state"], string, string | null])[] = [
  [null, "ok", "tailscaled answers", null],
  ["off", "ok", "not searched: discovery.tailnet is off", null],
  ["missing", "ok", "not installed", null],
  ["stopped", "warning", "Tailscale is stopped", "tailscale up"],
  [
    "unanswered",
    "warning",
    "Tailscale is installed and its daemon does not answer",
    "start tailscaled",
  ],
];

for (const [why, state, detail, fix] of tailnets) {
  test(`networkChecks() says of Tailscale: ${detail}`, () => {
    expect(named("tailscale", { tailnet: searchedAs("tailnet", why) })).toEqual([
      { name: "tailscale", state, detail, fix },
    ]);
  });
}

const deaf = (detail: string): Check => ({
  name: "multicast",
  state: "warning",
  detail,
  fix: "let UDP port 5353 through the firewall, or pair with --to ADDRESS",
});

test("networkChecks() says nothing of multicast where the LAN is not searched", () => {
  for (const hearsItself of [true, false, null]) {
    expect(named("multicast", { lan: searchedAs("lan", "off"), hearsItself })).toEqual([]);
  }
});

test("networkChecks() warns of multicast that is blocked or not received", () => {
  expect(named("multicast", { hearsItself: false })).toEqual([
    deaf("this machine does not hear its own announcement"),
  ]);
  for (const hearsItself of [false, null]) {
    const lan = searchedAs("lan", "blocked");
    expect(named("multicast", { lan, hearsItself })).toEqual([deaf("multicast is blocked")]);
  }
});

test("networkChecks() claims nothing of multicast while nothing is announced", () => {
  expect(named("multicast", { hearsItself: null })).toEqual([]);
});

test("networkChecks() blames no firewall where no network is there", () => {
  for (const hearsItself of [true, false, null]) {
    const checks = named("multicast", { lan: searchedAs("lan", "absent"), hearsItself });
    expect(checks.filter(({ fix }) => fix?.includes("firewall"))).toEqual([]);
    expect(checks.filter(({ detail }) => detail.includes("hears its own"))).toEqual([]);
  }
});

test("networkChecks() fails a clock that is behind the newest record, and no other", () => {
  const fails: readonly (readonly [number, number | null, boolean])[] = [
    [1_000, null, false],
    [1_000, 999, false],
    [1_000, 1_000, false],
    [1_000, 1_001, true],
  ];
  for (const [wallMs, newestRecordAtMs, isBehind] of fails) {
    expect(named("clock", { wallMs, newestRecordAtMs })).toEqual([
      isBehind
        ? {
            name: "clock",
            state: "failed",
            detail:
              "the clock is behind the newest audit record: dates of new records will be wrong",
            fix: "set the clock",
          }
        : ok("clock", "not behind the audit trail"),
    ]);
  }
});

test("networkChecks() gives one fix exactly where a check is not ok, whatever was seen", () => {
  let states = 0;
  for (const observations of everything()) {
    const { checks } = DoctorOutput.parse({ checks: networkChecks(observations) });
    for (const { name, state, fix } of checks) {
      expect([name, fix === null]).toEqual([name, state === "ok"]);
      expect(fix?.trim()).not.toBe("");
    }
    states += 1;
  }
  expect(states).toBe(3 * 3 * 6 * 5 * 3 * 3);
});

function* everything(): Generator<Observations> {
  const reached = [[], [{ peer: "mini", succeeded: true }], [{ peer: "mini", succeeded: false }]];
  const bound = [[], ["127.0.0.1:1"], ["192.168.1.5:1"]];
  for (const listen of bound)
    for (const dialledBy of reached)
      for (const tailnet of [null, "off", "missing", "stopped", "unanswered", "odd"])
        for (const lan of [null, "off", "blocked", "absent", "odd"])
          for (const hearsItself of [true, false, null])
            for (const newestRecordAtMs of [null, 1, 2])
              yield {
                listen,
                taken: [],
                notification: null,
                webhooks: [],
                listensBeyond: listen[0]?.startsWith("192.") === true,
                dialledBy,
                heardInTurns: dialledBy.map(({ peer }) => ({ peer, addresses: ["a", "b"] })),
                peers: dialledBy.map(({ peer, succeeded }) =>
                  peerOf({ name: peer, link: succeeded ? "down" : "refused", aheadMs: 200_000 }),
                ),
                disagreeing: dialledBy.map(({ peer }) => peer),
                uncompared: dialledBy.map(({ peer }) => ({ name: peer, why: "shallow" })),
                stuck: dialledBy.map(({ peer }) => ({ peer, entries: 2 })),
                tailnet: searchedAs("tailnet", tailnet),
                lan: searchedAs("lan", lan),
                hearsItself,
                wallMs: 1,
                newestRecordAtMs,
              };
}

test("networkChecks() warns of a peer whose requests alternate between two addresses", () => {
  const heardInTurns = [{ peer: "laptop", addresses: ["10.0.0.2", "10.0.0.9"] }];
  expect(named("copied", { heardInTurns })).toEqual([
    {
      name: "copied",
      state: "warning",
      detail: "laptop is heard from 10.0.0.2 and 10.0.0.9 in turns: is its folder copied?",
      fix: "peernet unpair laptop, unless it has both addresses itself",
    },
  ]);
  expect(named("copied", {})).toEqual([]);
});

test("networkChecks() has one line for each peer that is not up, with what mends it", () => {
  const lines = (changed: Parameters<typeof peerOf>[0], more: Partial<Observations> = {}) =>
    named("peer", { peers: [peerOf(changed)], ...more }).map(({ state, detail, fix }) => [
      state,
      detail,
      fix,
    ]);
  expect(lines({})).toEqual([]);
  expect(lines({ link: "down", last_seen_age_ms: 70_000 })).toEqual([
    [
      "warning",
      "mini is down: last seen 1 min ago",
      "wake mini; if it is awake, on it run: peernet doctor",
    ],
  ]);
  expect(lines({ link: "refused", link_reason: "unpaired", last_seen_age_ms: 31_000 })).toEqual([
    [
      "failed",
      "mini is refused: unpaired by mini, 31 s ago",
      "peernet pair, or to let it go: peernet unpair mini",
    ],
  ]);
  const oneWay = { link: "one-way", link_reason: "no_way_back" } as const;
  expect(lines(oneWay).length).toBe(1);
  // The dial that failed has a line of its own.
  expect(lines(oneWay, { dialledBy: [{ peer: "mini", succeeded: false }] })).toEqual([]);
  expect(lines({ acknowledged: false })).toEqual([
    ["warning", "mini is up: not heard of since it was paired", "peernet pair"],
  ]);
});

test("networkChecks() warns of a clock that is two minutes ahead, and of none that is less", () => {
  const clocks = (aheadMs: number) =>
    named("clock", { peers: [peerOf({ aheadMs })] }).filter(({ state }) => state === "warning");
  expect(clocks(119_999)).toEqual([]);
  expect(clocks(120_000)).toEqual([
    {
      name: "clock",
      state: "warning",
      detail: "the clock of mini is 2 min ahead, or this one behind",
      fix: "set the clock that is wrong, here or on mini",
    },
  ]);
});
