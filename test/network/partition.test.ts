/** A network that is cut for a while, and one that loses packets. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { figure, quantile } from "../faults/measure.ts";
import { activate, pairTwo, type Session } from "../scenario/pairing.ts";
import { faultsWanted, longWanted, skipUnless } from "../support/skip.ts";
import { type Machine, machine } from "./hosts.ts";
import { canLab, type Lab, lab, noLab } from "./lab.ts";

const test = skipUnless(canLab, noLab);
const cutS = faultsWanted || longWanted ? 60 : 2;
const cuts = longWanted ? 20 : faultsWanted ? 4 : 1;
setDefaultTimeout(cuts * (cutS + 30) * 1_000 + 30_000);

let hosts: Lab;
let mini: Machine;
let laptop: Machine;
let working: Session;

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  mini = await machine(hosts, { host: "a", name: "mini" });
  laptop = await machine(hosts, { host: "b", name: "laptop" });
  working = await activate(mini, "hydrate");
  await pairTwo(mini, laptop);
});

afterAll(async () => {
  if (!canLab) return;
  working[Symbol.dispose]();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** Asks until it is answered; the milliseconds that took. */
async function firstAnswer(): Promise<number> {
  const startedMs = performance.now();
  let said = "";
  for (let tries = 0; tries < 10; tries += 1) {
    const { code, err } = await laptop.run(["ask", "mini/hydrate", "--timeout", "5s"]);
    if (code === 0) return performance.now() - startedMs;
    said = err;
  }
  throw new Error(`mini is not answered any more: ${said}`);
}

test(`the first ask after a cut of ${cutS} s is answered within 5 s`, async () => {
  await firstAnswer();
  const times: number[] = [];
  for (let cut = 0; cut < cuts; cut += 1) {
    hosts.cut("a", "b");
    const asked = await laptop.run(["ask", "mini/hydrate", "--timeout", "1s"]);
    expect(asked.code).toBe(5);
    await Bun.sleep(cutS * 1_000);
    hosts.heal();
    times.push(await firstAnswer());
  }
  const p95_ms = quantile(times, 0.95);
  figure("R4", { cuts, cut_s: cutS, p95_ms, p50_ms: quantile(times, 0.5) });
  expect(p95_ms).toBeLessThan(5_000);
});

test("asks are answered across a link that loses one packet of ten", async () => {
  hosts.drop("numgen random mod 10 < 1");
  const asks = faultsWanted ? 100 : 10;
  const times: number[] = [];
  try {
    for (let number = 0; number < asks; number += 1) {
      const startedMs = performance.now();
      const { code } = await laptop.run(["ask", "mini/hydrate", "--timeout", "5s"]);
      // One without an answer is slower than any that has one.
      times.push(code === 0 ? performance.now() - startedMs : Number.POSITIVE_INFINITY);
    }
  } finally {
    hosts.heal();
  }
  const share = times.filter((ms) => Number.isFinite(ms)).length / asks;
  figure("R4", {
    lossy_asks: asks,
    lost_packets: 0.1,
    lossy_answered: share,
    lossy_p95_ms: quantile(times, 0.95),
  });
  expect(share).toBeGreaterThanOrEqual(0.9);
  expect(await mini.json(["audit", "verify"])).toMatchObject({ ok: true });
});
