/** Readers that leave a stream, each stream in turn: the daemon logs nothing, and goes on. */

import { expect, test } from "bun:test";
import { connect } from "node:net";
import { join } from "node:path";
import { streamNames } from "../../../src/contract/operation/streams.ts";
import type { Effects } from "../../../src/platform/effects.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

const inputs = {
  "pair/open": { grant: [], from: null },
  "audit/follow": {},
  "audit/export": {},
  "audit/compare": { peer: "nobody" },
  watch: {},
  errands: { version: "0.1.0", kinds: ["notify"] },
  wait: { handle: "waited", until: "gone" },
  "receipts/follow": { id: "0000" },
  "inbox/follow": {},
} as const;

/** The input of a row; a message's stages are followed by its id. */
async function inputOf(on: Machine, name: (typeof streamNames)[number]) {
  if (name !== "receipts/follow") return inputs[name];
  const { sent } = await on.calls.send({ to: "waited", text: "hello", from: { by: "person" } });
  return { id: sent[0]?.message_id ?? "" };
}

for (const name of streamNames) {
  test(`${name} logs nothing when its reader leaves, before and after an event`, async () => {
    const logged: string[] = [];
    const effects = (real: Effects): Effects => ({
      ...real,
      log: {
        ...real.log,
        error: (event) => logged.push(event),
        warn: (event) => logged.push(event),
      },
    });
    await using on = await machine("on", { effects });
    const elsewhere = { pid: process.pid, start_time: "2" };
    await on.calls.activate(session({ name: "waited", process: elsewhere }));
    for (const reads of [0, 1, 2]) {
      const leaving = new AbortController();
      // Each row's input is above, by its name.
      const stream = on.calls[name]((await inputOf(on, name)) as never, { signal: leaving.signal });
      const events = stream[Symbol.asyncIterator]();
      const waiting = Array.from({ length: reads + 1 }, () => events.next());
      for (const next of waiting) void next.catch(() => {});
      // A stream may have ended with an error by then.
      await Promise.race([
        waiting[reads]?.catch(() => null),
        on.calls.activate(session({ name: `s${reads}` })),
      ]);
      leaving.abort();
      await Promise.allSettled(waiting);
      await on.calls.activate(session({ name: `after${reads}` }));
      await until("no window is open", async () => !(await on.calls.status({})).window.open);
    }
    expect(logged).toEqual([]);
  });
}

test("a window closes though its reader left before the stream began", async () => {
  await using on = await machine("on");
  const input = JSON.stringify(inputs["pair/open"]);
  const head = "POST /v1/pair/open HTTP/1.1\r\nHost: peernet\r\nContent-Type: application/json\r\n";
  for (let time = 0; time < 40; time += 1) {
    const socket = connect(join(on.home, "control.sock"));
    socket.on("error", () => socket.destroy());
    await new Promise((sent) =>
      socket.write(`${head}Content-Length: ${input.length}\r\n\r\n${input}`, sent),
    );
    socket.destroy();
    await on.calls.status({});
  }
  await until("no window is open", async () => !(await on.calls.status({})).window.open);
  const { records } = await on.calls.audit({ all: true, verb: "window_open" });
  expect(records.length).toBeGreaterThan(0);
});
