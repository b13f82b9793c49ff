/** One search: the probed addresses, how often each, and a machine's best address. */

import { expect, test } from "bun:test";
import { candidatesMax } from "../../src/contract/limits.ts";
import { type Lead, type LeadSource, type Probe, sweep } from "../../src/discovery/sweep.ts";

const lead = (change: Partial<Lead>): Lead => ({
  source: "configured",
  name: "mini",
  host: "192.168.1.4",
  port: 7337,
  prefix: null,
  login: null,
  refusal: null,
  ...change,
});

const sourceOf = (
  source: Lead["source"],
  leads: readonly Partial<Lead>[],
  why: string | null = null,
): LeadSource => ({
  source,
  search: async () => ({ leads: leads.map((each) => lead({ source, ...each })), why }),
});

/** A probe that proves the same machine at every address, and its calls. */
function oneMachine(): { readonly probe: Probe; readonly asked: string[] } {
  const asked: string[] = [];
  const probe: Probe = async ({ host, port }) => {
    asked.push(`${host} ${port}`);
    return { fingerprint: "sha256:one", open: false };
  };
  return { probe, asked };
}

test("sweep() repeats which machines a source says are online", async () => {
  const tailnet: LeadSource = {
    source: "tailnet",
    search: async () => ({ leads: [], why: null, online: new Map([["100.101.7.3", false]]) }),
  };
  const { online } = await sweep({ sources: [tailnet], probe: oneMachine().probe });
  expect([...online]).toEqual([["100.101.7.3", false]]);
});

/** Addresses of one machine by the path they lead over, the best first. */
const ranked: readonly Partial<Lead>[] = [
  { source: "tailnet", host: "127.0.0.1" },
  { source: "lan", host: "::1" },
  { source: "lan", host: "192.168.1.4" },
  { source: "lan", host: "fd00::4" },
  { source: "configured", host: "10.1.1.4" },
  { source: "configured", host: "2001:db8::4" },
  { source: "tailnet", host: "100.101.7.3" },
  { source: "tailnet", host: "fd7a:115c:a1e0::b" },
];

for (const [at, better] of ranked.slice(0, -1).entries()) {
  const worse = ranked[at + 1] ?? {};
  test(`sweep() prefers ${better.host} to ${worse.host}, whichever answers first`, async () => {
    for (const order of [
      [better, worse],
      [worse, better],
    ]) {
      const sources = order.map((each) => sourceOf(each.source ?? "lan", [each]));
      const { found, unreachable } = await sweep({ sources, probe: oneMachine().probe });
      expect(found.map((each) => each.lead.host)).toEqual([better.host ?? ""]);
      expect(unreachable).toBe(0);
    }
  });
}

test("sweep() keeps the address that answered first when another is as good", async () => {
  for (const [first, second] of [
    ["192.168.1.4", "192.168.1.5"],
    ["192.168.1.5", "192.168.1.4"],
  ] as const) {
    const sources = [sourceOf("lan", [{ host: first }, { host: second }])];
    const { found } = await sweep({ sources, probe: oneMachine().probe });
    expect(found.map(({ lead: { host } }) => host)).toEqual([first]);
  }
});

test(`sweep() probes ${candidatesMax} addresses at the same time`, async () => {
  const all = Promise.withResolvers<void>();
  let under = 0;
  const probe: Probe = async () => {
    under += 1;
    if (under === candidatesMax) all.resolve();
    await all.promise;
    return null;
  };
  const leads = Array.from({ length: candidatesMax }, (_, port) => ({ port }));
  const { unreachable } = await sweep({ sources: [sourceOf("lan", leads)], probe });
  expect(unreachable).toBe(candidatesMax);
});

test("sweep() probes an address once, though several sources and names lead to it", async () => {
  const { probe, asked } = oneMachine();
  const twice = [{ name: "mini" }, { name: "other" }, { port: 7338 }];
  const sources = [sourceOf("configured", twice), sourceOf("lan", twice)];
  await sweep({ sources, probe });
  expect(asked).toEqual(["192.168.1.4 7337", "192.168.1.4 7338"]);
});

test(`sweep() probes ${candidatesMax} addresses of all its sources, and no more`, async () => {
  for (const [count, probed] of [
    [candidatesMax, candidatesMax],
    [candidatesMax + 1, candidatesMax],
    [4 * candidatesMax, candidatesMax],
  ] as const) {
    const { probe, asked } = oneMachine();
    const leads = Array.from({ length: count }, (_, port) => ({ port }));
    const sources = [sourceOf("lan", leads.slice(0, 7)), sourceOf("configured", leads.slice(7))];
    await sweep({ sources, probe });
    expect(asked).toHaveLength(probed);
  }
});

test("sweep() tells of a machine as soon as it is proven, though a source is slow", async () => {
  const heard = Promise.withResolvers<void>();
  const first = Promise.withResolvers<string>();
  const slow: LeadSource = {
    source: "lan",
    search: async () => {
      await heard.promise;
      return { leads: [], why: null };
    },
  };
  const swept = sweep({
    sources: [slow, sourceOf("configured", [{}])],
    probe: oneMachine().probe,
    onFound: ({ fingerprint }) => first.resolve(fingerprint),
  });
  expect(await first.promise).toBe("sha256:one");
  heard.resolve();
  expect((await swept).found).toHaveLength(1);
});

test("sweep() says of each source whether it was searched, and counts what is silent", async () => {
  const sources = [
    sourceOf("configured", [{ port: 1 }, { port: 2 }, { port: 3 }]),
    sourceOf("tailnet", [], "stopped"),
    sourceOf("lan", [], "blocked"),
  ];
  const probe: Probe = async ({ port }) =>
    port === 2 ? { fingerprint: "sha256:two", open: true } : null;
  const { found, unreachable, searched } = await sweep({ sources, probe });
  expect(found).toMatchObject([{ fingerprint: "sha256:two", open: true, lead: { port: 2 } }]);
  expect(unreachable).toBe(2);
  expect(searched).toEqual([
    { source: "configured", searched: true, why: null },
    { source: "tailnet", searched: false, why: "stopped" },
    { source: "lan", searched: false, why: "blocked" },
  ]);
});
