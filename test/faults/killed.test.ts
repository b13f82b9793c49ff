/** A daemon that kill -9 ends while it answers asks: its answers stay on the record. */

import { expect } from "bun:test";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { activated, asking, daemonOf, pairUp, someMoment } from "./daemons.ts";
import { figure } from "./measure.ts";
import { missing, threadsOf } from "./records.ts";

const test = skipUnless(isBuilt, notBuilt);
const rounds = faultsWanted ? 500 : 8;

test(
  "no answered ask is without its record, however often the daemon is ended by kill -9",
  async () => {
    await using mini = await daemonOf("mini");
    await using laptop = await daemonOf("laptop");
    await activated(mini);
    await pairUp(mini, laptop);
    const answered: string[] = [];
    let broken = 0;
    for (let round = 0; round < rounds; round += 1) {
      await activated(mini);
      const asked = asking(laptop, "mini/hydrate");
      await someMoment(asked);
      await mini.kill();
      await Promise.all([asked.end(), mini.start()]);
      answered.push(...asked.answered);
      const isLast = round === rounds - 1;
      if (!isLast && round % 25 !== 0) continue;
      if (!(await mini.calls["audit/verify"]({})).ok) broken += 1;
    }
    const lost = missing(answered, threadsOf(mini.folder, "in"));
    const own = missing(answered, threadsOf(laptop.folder, "out"));
    figure("R1", {
      kill9_rounds: rounds,
      answered: answered.length,
      without_record: lost + own,
      broken_chains: broken,
    });
    expect({ lost, own, broken }).toEqual({ lost: 0, own: 0, broken: 0 });
    expect(answered.length).toBeGreaterThan(rounds);
  },
  30_000 + rounds * 4_000,
);
