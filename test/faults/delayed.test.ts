/** A path on which everything takes its time. */

import { expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { type FakeServer, tcpServer } from "../daemon/attack/server.ts";
import { machine, opened, session } from "../support/daemon.ts";
import { faultsWanted } from "../support/skip.ts";
import { figure, quantile } from "./measure.ts";

/** Passes everything on, so many milliseconds later. */
function delaying(to: string, delayMs: () => number): Promise<FakeServer> {
  return tcpServer((near) => {
    const far = connect(Number(to.slice(to.lastIndexOf(":") + 1)), "127.0.0.1");
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    const pass = (from: Socket, other: Socket): void => {
      let dueMs = 0;
      from.on("data", (chunk) => {
        // In their order, however long each is held.
        dueMs = Math.max(dueMs, performance.now() + delayMs());
        setTimeout(() => other.writable && other.write(chunk), dueMs - performance.now());
      });
      from.on("error", end);
      from.once("close", end);
    };
    pass(near, far);
    pass(far, near);
  });
}

test("machines pair and ask across a path of 300 ms, in a few round trips", async () => {
  await using on = await machine("on");
  await using laptop = await machine("laptop");
  await on.calls.activate(session());
  await using path = await delaying(on.address, () => 100 + Math.random() * 100);
  const window = await opened(on);
  const { fingerprint } = on.daemon;
  const to = path.address;
  await laptop.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] });
  await window.ended;
  const times: number[] = [];
  for (let number = 0; number < (faultsWanted ? 40 : 4); number += 1) {
    const startedMs = performance.now();
    const input = { handle: "on/hydrate", question: null, thread_id: null };
    expect(await laptop.calls.ask(input)).toMatchObject({ status: "ok" });
    times.push(performance.now() - startedMs);
  }
  figure("R4", { path_ms: 300, asks: times.length, path_p50_ms: quantile(times, 0.5) });
  // One round trip on a kept connection; three on a new one.
  expect(quantile(times, 0.5)).toBeLessThan(1_200);
  expect(quantile(times, 0)).toBeGreaterThan(190);
}, 60_000);
