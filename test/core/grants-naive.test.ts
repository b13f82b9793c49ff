/** Grants beside an evaluator that was written apart from them, in any history of acts. */

import { expect, test } from "bun:test";
import { Scope } from "../../src/contract/terms.ts";
import { factGroups } from "../../src/contract/text/fact-groups.ts";
import {
  type At,
  type Grants,
  lets,
  noGrants,
  permits,
  rightsAt,
  withEntries,
  withoutScopes,
} from "../../src/core/grants.ts";
import { type Draw, histories, historiesMs } from "../support/histories.ts";
import {
  drawAct,
  drawnClocks,
  type GrantAct,
  naively,
  type Written,
} from "../support/naive-grants.ts";

const names = ["a", "b", "c"];

function after(grants: Grants, act: GrantAct, at: At): Grants {
  switch (act.is) {
    case "grant":
      return withEntries(grants, act.input, at);
    case "revoke":
      return withoutScopes(grants, act.scopes);
    case "pause":
    case "resume":
      return { ...grants, paused: act.is === "pause" };
    default:
      return act satisfies never;
  }
}

/** The verdict of the product, in the evaluator's words. */
function verdictOf(grants: Grants, of: { scope: Scope; name: string | null }, at: At) {
  const verdict = permits(grants, of, at);
  if (!verdict.permitted) return verdict.why;
  return new Set(factGroups.filter((group) => lets(verdict.shown, group)));
}

const requestOf = (draw: Draw) => ({
  scope: draw.pick(Scope.options),
  name: draw.oneIn(5) ? null : draw.pick(names),
});

test(
  "P53: A use of a grant is judged by its latest entries and " +
    "by the clock that ends them first.",
  () =>
    histories(10_000, (draw) => {
      const clocks = drawnClocks(draw);
      const diary: Written[] = [];
      let grants = noGrants;
      for (let acts = draw.between(1, 6); acts > 0; acts -= 1) {
        const act = drawAct(draw, names);
        grants = after(grants, act, clocks.now());
        diary.push({ act, at: clocks.now() });
        clocks.pass(draw);
        const request = requestOf(draw);
        const expected = naively(diary, request, clocks.now());
        expect(verdictOf(grants, request, clocks.now())).toEqual(expected);
      }
    }),
  historiesMs,
);

test(
  "rightsAt() stays the same only while every verdict does",
  () =>
    histories(3_000, (draw) => {
      const clocks = drawnClocks(draw);
      const diary: Written[] = [];
      let grants = noGrants;
      for (let acts = draw.between(2, 6); acts > 0; acts -= 1) {
        const [before, then] = [grants, clocks.now()];
        const known = [...diary];
        if (draw.oneIn(2)) {
          const act = drawAct(draw, names);
          grants = after(grants, act, clocks.now());
          diary.push({ act, at: clocks.now() });
        }
        clocks.pass(draw);
        if (rightsAt(before, then) !== rightsAt(grants, clocks.now())) continue;
        for (const scope of Scope.options) {
          for (const name of [null, ...names]) {
            const request = { scope, name };
            const now = naively(diary, request, clocks.now());
            expect(now).toEqual(naively(known, request, then));
          }
        }
      }
    }),
  historiesMs,
);
