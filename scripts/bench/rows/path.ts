/** P3: the time that an ask adds to the round trip of a path. */

import { floors } from "../floors.ts";
import { inTurn, median, timed } from "../measure.ts";
import { compiled, firstLine, machine, pairTwo, started } from "../parts.ts";
import type { Row } from "../results.ts";
import { answering, floorsWords, pauseMs, type Told, warmAsks } from "./asks.ts";

/** Half of the round trip. */
const delayMs = 6;

/** A proxy before a port that delays both ways; returns its own port. */
async function delayed(port: string): Promise<string> {
  return firstLine(started([await compiled("delay"), port, String(delayMs)]));
}

/** One byte there and back on a kept connection. */
async function echoing(port: number): Promise<() => Promise<void>> {
  let arrived: (() => void) | null = null;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data: () => arrived?.() },
  });
  socket.setNoDelay(true);
  return () =>
    new Promise((resolve) => {
      arrived = resolve;
      socket.write("x");
    });
}

/** The whole ask over a slow path, beside one byte over the same. */
export async function p3({ rounds }: Told): Promise<readonly Row[]> {
  const on = await answering(0);
  const laptop = machine("laptop");
  await laptop.start();
  const proxy = await delayed(on.address.slice(on.address.lastIndexOf(":") + 1));
  await pairTwo(on.on, laptop, `127.0.0.1:${proxy}`);
  const echo = await echoing(
    Number(await delayed(await firstLine(started([await compiled("tcp-echo")])))),
  );
  const input = { handle: "mini/bench", question: null, thread_id: null };
  const paced = async (run: () => Promise<unknown>): Promise<number> => {
    await Bun.sleep(pauseMs);
    return timed(run);
  };
  const taken = await inTurn(
    {
      ours: () => paced(() => laptop.calls.ask(input)),
      path: () => paced(echo),
      floor: await floors(pauseMs),
    },
    { rounds: rounds * 2, warmUp: warmAsks },
  );
  const ours = taken.ours.map((value, at) => value - (taken.path[at] ?? 0));
  return [
    {
      id: "P3",
      metric: `a complete ask over a path of ${2 * delayMs} ms: added time`,
      unit: "ms",
      comparator: floorsWords,
      how: `less one byte over the same path, ${median(taken.path).toFixed(1)} ms`,
      ...{ ours, theirs: taken.floor, goal: 2, moonshot: 1.5 },
    },
  ];
}
