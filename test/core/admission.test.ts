import { describe, expect, test } from "bun:test";
import { rates } from "../../src/contract/limits/rates.ts";
import {
  asksBurstMax,
  asksPerSecondMax,
  refusalSourcesPerMinuteMax,
} from "../../src/contract/limits.ts";
import {
  type Bucket,
  callPassesInMs,
  countRefusal,
  displaced,
  noRefusals,
  ofBusiest,
  sourceOf,
  takeCall,
  yielding,
} from "../../src/core/admission.ts";
import { histories, historiesMs } from "../support/histories.ts";

const occupant = (address: string, since: number) => ({ address, since });

describe("displaced()", () => {
  test("displaced() is null when nobody takes a place", () => {
    expect(displaced([])).toBeNull();
  });

  test("displaced() is the oldest of the address that holds most places", () => {
    const few = [occupant("a", 1), occupant("a", 2)];
    const many = [occupant("b", 9), occupant("b", 7), occupant("b", 8)];
    expect(displaced([...few, ...many])).toBe(many[1] ?? null);
    expect(displaced([...many, ...few])).toBe(many[1] ?? null);
  });

  test("displaced() is the oldest of all when addresses hold as many places", () => {
    const [young, old] = [occupant("a", 5), occupant("b", 4)];
    expect(displaced([young, old])).toBe(old);
    expect(displaced([old, young])).toBe(old);
    expect(displaced([young])).toBe(young);
  });

  test("displaced() is the first that is given when addresses and instants are alike", () => {
    const [first, second] = [occupant("a", 4), occupant("b", 4)];
    expect(displaced([first, second])).toBe(first);
    expect(displaced([second, first])).toBe(second);
    const [one, other] = [occupant("a", 4), occupant("a", 4)];
    expect(displaced([one, other])).toBe(one);
  });

  test(
    "displaced() never takes an address with one place while another has several",
    async () => {
      await histories(2_000, (draw) => {
        const hoarder = Array.from({ length: draw.between(2, 6) }, () =>
          occupant("hoarder", draw.below(100)),
        );
        const others = Array.from({ length: draw.below(20) }, (_, at) =>
          occupant(`other-${at}`, draw.below(100)),
        );
        const all = [...hoarder, ...others].sort(() => draw.below(3) - 1);
        const oldest = Math.min(...hoarder.map(({ since }) => since));
        expect(displaced(all)).toEqual(occupant("hoarder", oldest));
      });
    },
    historiesMs,
  );
});

describe("sourceOf()", () => {
  test("sourceOf() is an IPv4 address, and 64 bits of an IPv6 address in one spelling", () => {
    expect(sourceOf("192.0.2.7")).toBe("192.0.2.7");
    for (const address of ["2001:db8::1", "2001:0DB8:0:0:ffff::2", "2001:db8::5:6:7:8"]) {
      expect(sourceOf(address)).toBe("2001:db8:0:0::/64");
    }
    expect(sourceOf("2001:db8:0:1::1")).toBe("2001:db8:0:1::/64");
    expect(sourceOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
    expect(sourceOf("::1")).toBe("0:0:0:0::/64");
    expect(sourceOf("64:ff9b::192.0.2.7")).toBe("64:ff9b:0:0::/64");
  });

  test("sourceOf() makes one source of 200 addresses of one IPv6 host", () => {
    const host = Array.from({ length: 200 }, (_, at) => occupant(`2001:db8::${at}`, at));
    const other = occupant("192.0.2.7", 0);
    expect(ofBusiest([other, ...host])).toEqual(host);
    expect(displaced([other, ...host])).toBe(host[0] ?? null);
  });
});

describe("yielding()", () => {
  const stranger = (address: string, since: number, settled: boolean) => ({
    address,
    since,
    settled,
  });

  test("yielding() is nobody where there is nobody", () => {
    expect(yielding([], () => 0)).toBeNull();
  });

  test("yielding() takes one without a handshake while those are more than half", () => {
    const shaken = Array.from({ length: 4 }, (_, at) => stranger(`s${at}`, at, true));
    const bare = Array.from({ length: 4 }, (_, at) => stranger(`b${at}`, at, false));
    expect(yielding([...shaken, ...bare], () => 0)).toBe(shaken[0] ?? null);
    const one = stranger("b4", 9, false);
    expect(yielding([...shaken, ...bare, one], (below) => below - 1)).toBe(one);
  });

  test("yielding() takes any of those without a handshake, whichever is older", () => {
    const bare = Array.from({ length: 5 }, (_, at) => stranger(`b${at}`, at, false));
    const taken = [0, 1, 2, 3, 4].map((drawn) => yielding(bare, () => drawn));
    expect(new Set(taken)).toEqual(new Set(bare));
  });

  test("yielding() spares the newer half of those whose handshake is done", () => {
    const shaken = Array.from({ length: 6 }, (_, at) => stranger(`s${at}`, at, true));
    const asked: number[] = [];
    const last = (below: number): number => {
      asked.push(below);
      return below - 1;
    };
    expect(yielding(shaken, last)).toBe(shaken[2] ?? null);
    expect(asked).toEqual([3]);
  });

  test("yielding() takes from the source that has most", () => {
    const lonely = stranger("lonely", 0, false);
    const crowd = [stranger("crowd", 5, false), stranger("crowd", 6, false)];
    for (const drawn of [0, 1]) {
      expect(yielding([lonely, ...crowd], () => drawn)).toBe(crowd[drawn] ?? null);
    }
  });
});

describe("takeCall()", () => {
  /** The number of asks that pass, of so many at one instant. */
  const passing = (asks: number, nowMs: number, bucket?: Bucket): [number, Bucket | undefined] => {
    let [passed, kept] = [0, bucket];
    for (let ask = 0; ask < asks; ask += 1) {
      const taken = takeCall(kept, rates.asks, nowMs);
      if (taken.passes) passed += 1;
      kept = taken;
    }
    return [passed, kept];
  };

  test("takeCall() lets a burst of 40 pass and refuses the next", () => {
    expect(passing(asksBurstMax + 5, 0)[0]).toBe(40);
  });

  test("takeCall() gains one ask each 50 ms: not a millisecond sooner", () => {
    const [, empty] = passing(asksBurstMax, 1_000);
    expect(takeCall(empty, rates.asks, 1_049).passes).toBe(false);
    expect(takeCall(empty, rates.asks, 1_050).passes).toBe(true);
    expect(passing(5, 1_099, empty)[0]).toBe(1);
    expect(passing(5, 1_100, empty)[0]).toBe(2);
  });

  test("takeCall() counts what was gained while it refused", () => {
    const [, empty] = passing(asksBurstMax, 1_000);
    const refused = takeCall(empty, rates.asks, 1_030);
    expect(refused.passes).toBe(false);
    expect(takeCall(refused, rates.asks, 1_049).passes).toBe(false);
    expect(takeCall(refused, rates.asks, 1_050).passes).toBe(true);
  });

  test("callPassesInMs() is the time after which the next call passes, to a millisecond", () => {
    for (const rate of Object.values(rates)) {
      let bucket: Bucket | undefined;
      for (let call = 0; call < rate.burst; call += 1) bucket = takeCall(bucket, rate, 1_000);
      for (const nowMs of [1_000, 1_003, 1_009]) {
        const refused = takeCall(bucket, rate, nowMs);
        expect(refused.passes).toBe(false);
        const inMs = callPassesInMs(refused, rate);
        expect(takeCall(refused, rate, nowMs + inMs).passes).toBe(true);
        expect(takeCall(refused, rate, nowMs + inMs - 2).passes).toBe(false);
      }
    }
  });

  test("takeCall() never saves up more than the burst", () => {
    const [, empty] = passing(asksBurstMax, 1_000);
    expect(passing(100, 2_999, empty)[0]).toBe(39);
    expect(passing(100, 3_000, empty)[0]).toBe(40);
    expect(passing(100, 86_400_000, empty)[0]).toBe(40);
  });

  test("takeCall() gains and loses nothing by a clock that goes back", () => {
    const [, empty] = passing(asksBurstMax, 1_000);
    expect(takeCall(empty, rates.asks, 0).passes).toBe(false);
    expect(takeCall({ left: 2, atMs: 1_000 }, rates.asks, 0)).toEqual({
      left: 1,
      atMs: 0,
      passes: true,
    });
  });

  test(
    "takeCall() passes no more in any span than the burst and the rate allow",
    async () => {
      await histories(1_000, (draw) => {
        let bucket: Bucket | undefined;
        let nowMs = 5_000;
        const passedAt: number[] = [];
        for (let ask = 0; ask < 200; ask += 1) {
          nowMs += draw.pick([0, 0, 1, 10, 49, 50, 51, draw.below(3_000)]);
          const taken = takeCall(bucket, rates.asks, nowMs);
          if (taken.passes) passedAt.push(nowMs);
          bucket = taken;
        }
        for (let from = 0; from < passedAt.length; from += 1) {
          const to = draw.between(from, passedAt.length - 1);
          const spanMs = (passedAt[to] ?? 0) - (passedAt[from] ?? 0);
          const allowed = asksBurstMax + (spanMs / 1_000) * asksPerSecondMax;
          expect(to - from + 1).toBeLessThanOrEqual(allowed + 1e-6);
        }
      });
    },
    historiesMs,
  );
});

describe("countRefusal()", () => {
  const counted = (addresses: readonly string[]) => addresses.reduce(countRefusal, noRefusals);
  const different = (count: number) => Array.from({ length: count }, (_, at) => `a-${at}`);

  test("countRefusal() counts each source and changes no count it was given", () => {
    const one = countRefusal(noRefusals, "a");
    const three = counted(["a", "b", "a"]);
    expect([...three.counts]).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect([three.rest, one.counts.get("a"), noRefusals.counts.size]).toEqual([0, 1, 0]);
  });

  test("countRefusal() counts 63 sources apart, and sums all later ones", () => {
    const full = counted(different(refusalSourcesPerMinuteMax - 1));
    expect([full.counts.size, full.rest]).toEqual([63, 0]);
    const more = [...different(refusalSourcesPerMinuteMax + 9), "a-0", "a-70"];
    const { counts, rest } = counted(more);
    expect([counts.size, rest, counts.get("a-0")]).toEqual([63, 11, 2]);
  });

  test(
    "countRefusal() makes at most 64 records of all refusals, and loses none",
    async () => {
      await histories(100, (draw) => {
        const refusals = Array.from({ length: 500 }, () => `a-${draw.below(draw.between(1, 400))}`);
        const { counts, rest } = counted(refusals);
        expect(counts.size + (rest > 0 ? 1 : 0)).toBeLessThanOrEqual(refusalSourcesPerMinuteMax);
        expect([...counts.values()].reduce((sum, count) => sum + count, rest)).toBe(500);
      });
    },
    historiesMs,
  );
});
