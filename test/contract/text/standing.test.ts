import { expect, test } from "bun:test";
import { Link, LinkReason } from "../../../src/contract/peer.ts";
import {
  type StandingFacts,
  standingOf,
  standingText,
} from "../../../src/contract/text/standing.ts";

const facts = (changed: Partial<StandingFacts>): StandingFacts => ({
  name: "mini",
  link: "up",
  link_reason: null,
  acknowledged: true,
  last_seen_age_ms: 31_000,
  ...changed,
});

test("standingText() says who reaches whom, who refused and when, and when it was seen", () => {
  const texts: readonly (readonly [Partial<StandingFacts>, string])[] = [
    [{}, "mini is up"],
    [{ acknowledged: false }, "mini is up: not heard of since it was paired"],
    [{ link: "down" }, "mini is down: last seen 31 s ago"],
    [{ link: "down", last_seen_age_ms: null }, "mini is down: never seen"],
    [
      { link: "down", tailnet: { online: false, age_ms: 1_000 } },
      "mini is down: last seen 31 s ago, the tailnet says it is offline",
    ],
    [
      { link: "down", tailnet: { online: true, age_ms: 1_000 } },
      "mini is down: last seen 31 s ago, the tailnet says it is online",
    ],
    [
      { link: "down", link_reason: "another_machine" },
      "mini is down: another machine answers at its address, last seen 31 s ago",
    ],
    [
      { link: "one-way", link_reason: "no_way_there" },
      "mini is one-way: it reaches this machine, this machine cannot reach it",
    ],
    [
      { link: "one-way", link_reason: "no_way_back" },
      "mini is one-way: it cannot reach this machine; this machine can ask it",
    ],
    [
      { link: "refused", link_reason: "unpaired", last_seen_age_ms: 1_000 },
      "mini is refused: unpaired by mini, just now",
    ],
    [{ link: "refused", link_reason: "unpaired" }, "mini is refused: unpaired by mini, 31 s ago"],
    [
      { link: "down", link_reason: "versions_apart" },
      "mini is down: its version does not fit this one",
    ],
    [
      { link: "refused", link_reason: "not_accepted" },
      "mini is refused: it no longer accepts this machine (unpaired there, or its state was reset)",
    ],
    [
      { link: "one-way", link_reason: "its_connections" },
      "mini is one-way: mini reaches this machine; asks go back over its connections",
    ],
    [
      { link: "one-way", link_reason: "own_connections" },
      "mini is one-way: mini cannot reach this machine; its asks come over connections from here",
    ],
  ];
  for (const [changed, text] of texts) expect(standingText(facts(changed))).toBe(text);
});

test("standingOf() has a fix exactly where something is to be mended", () => {
  for (const link of Link.options)
    for (const link_reason of [null, ...LinkReason.options])
      for (const acknowledged of [true, false])
        for (const last_seen_age_ms of [null, 0, 10_000_000]) {
          const peer = facts({ link, link_reason, acknowledged, last_seen_age_ms });
          const { phrases, fix } = standingOf(peer);
          const isUp = link === "up" && acknowledged;
          // One side alone can be dialled, and both can ask.
          const isCarried = link === "one-way" && link_reason?.endsWith("_connections") === true;
          const isWell = isUp || isCarried;
          expect([peer, phrases.length === 0, fix === null]).toEqual([peer, isUp, isWell]);
        }
});

test("standingOf() never says that a machine that is down was seen now", () => {
  const down = (ms: number) => standingOf(facts({ link: "down", last_seen_age_ms: ms })).phrases;
  expect([down(999), down(4_999)]).toEqual([["last seen under 1 s ago"], ["last seen 4 s ago"]]);
});
