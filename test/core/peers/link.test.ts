import { describe, expect, test } from "bun:test";
import { linkLifeMs, tokenLifeMs } from "../../../src/contract/limits.ts";
import { isTokenAged, type LinkFacts, linkOf, noLink } from "../../../src/core/peers/link.ts";

const nowMs = 500_000;
/** The last instant that counts as recent, and the one before it. */
const [recent, past] = [nowMs - linkLifeMs + 1, nowMs - linkLifeMs];
const link = (facts: Partial<LinkFacts>) => linkOf({ ...noLink, refused: false, ...facts }, nowMs);
const up = { link: "up", reason: null, detail: null } as const;
const down = { link: "down", reason: null, detail: null } as const;

describe("linkOf()", () => {
  test("linkOf() is down before the first exchange", () => {
    expect(link({})).toEqual(down);
    expect(link({ dialled: false })).toEqual(down);
    expect(link({ dialled: true, dialledBack: true })).toEqual(down);
  });

  test("linkOf() is up while the last exchange in either direction is younger than 75 s", () => {
    expect(linkLifeMs).toBe(75_000);
    for (const direction of ["lastInboundMs", "lastOutboundMs"] as const) {
      expect(link({ [direction]: nowMs })).toEqual(up);
      expect(link({ [direction]: recent })).toEqual(up);
      expect(link({ [direction]: past })).toEqual(down);
      expect(link({ [direction]: 0 })).toEqual(down);
    }
  });

  test("linkOf() is up after one lost hello at its longest pause", () => {
    expect(link({ lastOutboundMs: nowMs - 2 * 36_000 })).toEqual(up);
  });

  test("linkOf() is one-way when this machine cannot dial what reaches it", () => {
    const detail = "it reaches this machine, not the other way round";
    expect(link({ dialled: false, lastInboundMs: recent })).toEqual({
      link: "one-way",
      reason: "no_way_there",
      detail,
    });
    expect(link({ dialled: false, lastInboundMs: past })).toEqual(down);
    expect(link({ dialled: null, lastInboundMs: recent })).toEqual(up);
    expect(link({ dialled: true, lastInboundMs: recent })).toEqual(up);
  });

  test("linkOf() is down when dials fail and no request came since the first of them", () => {
    const failing = { dialled: false, failingSinceMs: nowMs - 10_000 } as const;
    expect(link({ ...failing, lastInboundMs: nowMs - 10_000 })).toEqual(down);
    expect(link({ ...failing, lastOutboundMs: nowMs - 10_001 })).toEqual(down);
    expect(link({ ...failing, lastInboundMs: nowMs - 9_999 }).link).toBe("one-way");
  });

  test("linkOf() is one-way when the peer says that it cannot dial back", () => {
    const detail = "it cannot reach this machine";
    const oneWay = { link: "one-way", reason: "no_way_back", detail } as const;
    expect(link({ dialledBack: false, lastOutboundMs: recent })).toEqual(oneWay);
    expect(link({ dialledBack: false, lastOutboundMs: past })).toEqual(down);
    expect(link({ dialledBack: null, lastOutboundMs: recent })).toEqual(up);
    expect(link({ dialledBack: true, lastOutboundMs: recent })).toEqual(up);
  });

  test("linkOf() says first what this machine itself saw when neither can dial", () => {
    const both = {
      dialled: false,
      dialledBack: false,
      lastInboundMs: nowMs,
      lastOutboundMs: nowMs,
    };
    expect(link(both).detail).toBe("it reaches this machine, not the other way round");
  });

  test("linkOf() is down, and says why, when no version is spoken by both", () => {
    const apart = {
      link: "down",
      reason: "versions_apart",
      detail: "no protocol version in common",
    } as const;
    const facts = { dialled: true, lastInboundMs: nowMs, lastOutboundMs: nowMs };
    expect(link({ ...facts, versionsApart: true })).toEqual(apart);
    expect(link({ ...facts, versionsApart: false })).toEqual(up);
  });

  test("linkOf() is refused whatever else is known", () => {
    const detail = "it no longer accepts this machine";
    const refused = { link: "refused", reason: "not_accepted", detail } as const;
    expect(link({ refused: true, unpaired: true }).reason).toBe("unpaired");
    expect(link({ refused: true })).toEqual(refused);
    expect(link({ refused: true, lastInboundMs: nowMs, lastOutboundMs: nowMs })).toEqual(refused);
    expect(link({ refused: true, dialled: false, lastInboundMs: nowMs })).toEqual(refused);
  });
});

describe("isTokenAged()", () => {
  const token = { issuedAtMs: 1_700_000_000_000, lifeMs: tokenLifeMs };
  const twentyDaysMs = 20 * 86_400_000;

  test("isTokenAged() is false up to the last millisecond of 20 days, then true", () => {
    expect(isTokenAged(token, token.issuedAtMs)).toBe(false);
    expect(isTokenAged(token, token.issuedAtMs + twentyDaysMs - 1)).toBe(false);
    expect(isTokenAged(token, token.issuedAtMs + twentyDaysMs)).toBe(true);
    expect(isTokenAged(token, token.issuedAtMs + 40 * 86_400_000)).toBe(true);
  });

  test("isTokenAged() is false for a token from the future of a clock that was set back", () => {
    expect(isTokenAged(token, token.issuedAtMs - 1)).toBe(false);
  });
});
