/** The session that caused an ask or a wait, on the record. */

import { expect, test } from "bun:test";
import type { AuditRecord } from "../../../src/contract/audit.ts";
import type { Selector } from "../../../src/contract/lease.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

const ours = { pid: process.pid, start_time: "1" };
const other = { pid: 4_000_000, start_time: "9" };

async function recordsOf(on: Machine, verb: "ask" | "wait"): Promise<readonly AuditRecord[]> {
  return (await on.calls.audit({ verb, all: true, limit: 100 })).records;
}

const callers: readonly (readonly [string, Selector | undefined, string | null])[] = [
  ["an ancestor process that holds a handle", { processes: [other, ours] }, "laptop/api"],
  ["its session id", { session_id: "s-1", processes: [other] }, "laptop/api"],
  ["a process without a handle", { processes: [other] }, null],
  ["the page, which names none", undefined, null],
  ["a selector that names nothing", {}, null],
];

for (const [name, from, expected] of callers) {
  test(`asks and waits record the session by ${name}`, async () => {
    await using mini = await machine("mini");
    await using laptop = await machine("laptop");
    await mini.calls.activate(session());
    await laptop.calls.activate(session({ project: "api", session_id: "s-1" }));
    await pair(mini, laptop);
    const caller = from === undefined ? {} : { from };
    const asked = { question: null, thread_id: null, ...caller };
    for (const handle of ["mini/hydrate", "mini/", "laptop/api"]) {
      await laptop.calls.ask({ ...asked, handle });
    }
    const waiting = { until: "changed", for_ms: 1_000, ...caller } as const;
    for (const handle of ["mini/hydrate", "laptop/api"]) {
      for await (const _event of laptop.calls.wait({ ...waiting, handle }));
    }
    // Of each: the question and what came of it; but one record of an ask here.
    for (const [verb, count] of [
      ["ask", 5],
      ["wait", 4],
    ] as const) {
      await until("both are recorded", async () => (await recordsOf(laptop, verb)).length >= count);
      const told = (await recordsOf(laptop, verb)).map(({ from_handle }) => from_handle);
      expect(told).toEqual(Array.from({ length: count }, () => expected));
    }
    // A machine tells a peer nothing of who asks there.
    const there = [...(await recordsOf(mini, "ask")), ...(await recordsOf(mini, "wait"))];
    expect(there.filter(({ from_handle }) => from_handle !== null)).toEqual([]);
  });
}
