import { describe, expect, test } from "bun:test";
import { GrantInput } from "../../src/contract/grants.ts";
import { factGroups } from "../../src/contract/text/fact-groups.ts";
import {
  endsInMs,
  type Grants,
  leftMs,
  lets,
  noGrants,
  permits,
  scopesAt,
  shownEntries,
  toldEntries,
  withEntries,
  withoutEnded,
  withoutScopes,
} from "../../src/core/grants.ts";
import { histories } from "../support/histories.ts";

const hour = 3_600_000;
const at = (wallMs: number, bootMs = wallMs) => ({ wallMs, bootMs });

const given = (input: Partial<GrantInput>): Omit<GrantInput, "name"> =>
  GrantInput.omit({ name: true }).parse({ entries: [{ scope: "ask", names: null }], ...input });

const asks = (grants: Grants, name: string | null, now = at(0)) =>
  permits(grants, { scope: "ask", name }, now);

describe("permits()", () => {
  test("tells a peer without an entry from one whose entry leaves the handle out", () => {
    const grants = withEntries(
      noGrants,
      given({ entries: [{ scope: "ask", names: ["api", "web"] }] }),
      at(0),
    );
    expect(asks(noGrants, "api")).toEqual({ permitted: false, why: "scope" });
    expect(asks(grants, "docs")).toEqual({ permitted: false, why: "name" });
    expect(asks(grants, "web").permitted).toBe(true);
    expect(asks(grants, null).permitted).toBe(true);
  });

  test("lets out what is not hidden, and everything to a machine of one's own", () => {
    const hidden = withEntries(noGrants, given({ hide: ["summary", "branch"] }), at(0));
    const own = withEntries(noGrants, given({ entries: [], mine: true }), at(0));
    const shown = (grants: Grants) => {
      const verdict = asks(grants, "api");
      return factGroups.filter((group) => verdict.permitted && lets(verdict.shown, group));
    };
    expect(shown(hidden)).toEqual(["subject", "counts", "state", "harness", "project"]);
    expect(shown(own)).toEqual([...factGroups]);
    expect(asks(own, "api")).toEqual({ permitted: true, shown: null });
  });

  test("holds nothing while the grant is paused, and all of it afterwards", () => {
    const grants = withEntries(noGrants, given({}), at(0));
    const paused = { ...grants, paused: true };
    expect(asks(paused, "api")).toEqual({ permitted: false, why: "scope" });
    expect([scopesAt(paused, at(0)), toldEntries(paused, at(0))]).toEqual([[], []]);
    expect(shownEntries(paused, at(0))).toEqual(shownEntries(grants, at(0)));
  });
});

describe("leftMs()", () => {
  const grants = withEntries(noGrants, given({ for_ms: 8 * hour }), at(1_000 * hour, 5 * hour));

  test("ends an entry at the first clock that says so, to the millisecond", () => {
    const wall = (ms: number) => asks(grants, "api", at(1_008 * hour + ms, 5 * hour)).permitted;
    const boot = (ms: number) => asks(grants, "api", at(1_000 * hour, 13 * hour + ms)).permitted;
    expect([wall(-1), wall(0), boot(-1), boot(0)]).toEqual([true, false, true, false]);
  });

  test("ends an entry although the clock was set back by 8 days", () => {
    const back = (bootMs: number) => asks(grants, "api", at(808 * hour, bootMs)).permitted;
    expect([back(13 * hour - 1), back(13 * hour)]).toEqual([true, false]);
  });

  test("ends an entry at once when the clock is set forward by 8 days", () => {
    expect(asks(grants, "api", at(1_192 * hour, 5 * hour)).permitted).toBe(false);
  });

  test("counts the time since a boot after the grant, though the clock was set back", () => {
    const late = withEntries(noGrants, given({ for_ms: 4 * hour }), at(1_000 * hour, 5 * hour));
    const rebooted = (bootMs: number) => asks(late, "api", at(900 * hour, bootMs)).permitted;
    expect([rebooted(4 * hour - 1), rebooted(4 * hour)]).toEqual([true, false]);
  });

  test("is null for an entry without an end", () => {
    const [entry] = withEntries(noGrants, given({}), at(0)).entries;
    if (entry === undefined) throw new Error("no entry");
    expect(leftMs(entry, at(10 ** 15))).toBeNull();
    expect(endsInMs(withEntries(noGrants, given({}), at(0)), at(0))).toBe(Number.POSITIVE_INFINITY);
    expect(endsInMs(grants, at(1_000 * hour, 5 * hour))).toBe(8 * hour);
  });
});

describe("withEntries() and withoutScopes()", () => {
  test("replace the entry of the same scope, and take away what is named", () => {
    const first = withEntries(noGrants, given({ hide: ["summary"] }), at(0));
    const second = withEntries(first, given({ entries: [{ scope: "ask", names: ["a"] }] }), at(5));
    expect(second.entries).toHaveLength(1);
    expect(second.entries[0]).toMatchObject({ names: ["a"], show: [...factGroups] });
    expect(withoutScopes(second, ["ask"]).entries).toEqual([]);
    expect(withoutScopes(second, null).entries).toEqual([]);
  });

  test("a limit or a withdrawal ends that the machine is one's own", () => {
    const own = withEntries(noGrants, given({ entries: [], mine: true }), at(0));
    expect(own.mine).toBe(true);
    const after = [
      withEntries(own, given({ hide: ["branch"] }), at(0)),
      withEntries(own, given({ for_ms: hour }), at(0)),
      withEntries(own, given({ entries: [{ scope: "ask", names: ["a"] }] }), at(0)),
      withoutScopes(own, ["ask"]),
    ];
    expect(after.map(({ mine }) => mine)).toEqual([false, false, false, false]);
    expect(withEntries(own, given({}), at(0)).mine).toBe(true);
  });

  test("hold stays until it is said otherwise", () => {
    const held = withEntries(noGrants, given({ mine: true }), at(0));
    expect(held.hold).toBe(true);
    expect(withEntries(held, given({ hold: false }), at(0)).hold).toBe(false);
  });
});

test("toldEntries() never tells which facts are hidden", () => {
  const grants = withEntries(noGrants, given({ hide: ["summary"], for_ms: hour }), at(0));
  expect(toldEntries(grants, at(60_000))).toEqual([
    { scope: "ask", names: null, expires_in_ms: hour - 60_000 },
  ]);
});

test("permits() decides as an evaluator that replays every act, 10,000 times", async () => {
  const names = ["a", "b", "c"];
  await histories(10_000, (draw) => {
    let grants = noGrants;
    let last: { names: string[] | null; hide: string[]; until: number } | null = null;
    let now = draw.below(1_000);
    for (let step = draw.below(4); step >= 0; step -= 1) {
      now += draw.below(200_000);
      if (draw.oneIn(5)) {
        grants = withoutScopes(grants, ["ask"]);
        last = null;
        continue;
      }
      const limit = draw.oneIn(2) ? null : [draw.pick(names), draw.pick(names)];
      const hide = factGroups.filter(() => draw.oneIn(3));
      const for_ms = draw.oneIn(2) ? null : draw.between(60_000, 260_000);
      const entries = [{ scope: "ask" as const, names: limit }];
      grants = withEntries(grants, given({ entries, hide, for_ms }), at(now));
      last = { names: limit, hide, until: for_ms === null ? Number.MAX_VALUE : now + for_ms };
    }
    now += draw.below(400_000);
    const name = draw.pick(names);
    const holds = last !== null && now < last.until;
    const isNamed = last?.names?.includes(name) ?? true;
    const verdict = asks(grants, name, at(now));
    expect(verdict.permitted || verdict.why).toBe(holds ? isNamed || "name" : "scope");
    if (!verdict.permitted) return;
    const shown = factGroups.filter((group) => lets(verdict.shown, group));
    expect(shown).toEqual(factGroups.filter((group) => !last?.hide.includes(group)));
  });
});

test("a peer that is no more one's own machine compares no repository without a name", () => {
  const own = withEntries(noGrants, given({ entries: [], mine: true }), at(0));
  expect(own.entries.map(({ scope }) => scope)).toContain("overlap");
  for (const after of [
    withEntries(own, given({ entries: [{ scope: "ask", names: null }], hide: ["summary"] }), at(1)),
    withoutScopes(own, ["wake"]),
  ]) {
    expect([after.mine, after.entries.map(({ scope }) => scope)]).toEqual([
      false,
      expect.not.arrayContaining(["overlap"]),
    ]);
  }
});

describe("withoutEnded()", () => {
  test("ends an entry for good: a clock that is set back brings none back", () => {
    const grants = withEntries(noGrants, given({ for_ms: hour }), at(0));
    expect(withoutEnded(grants, at(hour - 1))).toBe(grants);
    const ended = withoutEnded(grants, at(hour, 0));
    expect(ended.entries).toEqual([]);
    expect(asks(ended, null, at(0)).permitted).toBe(false);
    const paused = { ...grants, paused: true };
    expect(withoutEnded(paused, at(hour)).entries).toEqual([]);
  });
});
