/** P12 and P19: from a report of a session to the line that a page or a screen reads. */

import { openLoop, quantile } from "../measure.ts";
import { activated, executable, firstLine, machine, pairTwo, started } from "../parts.ts";
import type { Row } from "../results.ts";
import type { Told } from "./asks.ts";

/** The page's stream; calls back with the text that came. */
async function page(env: Readonly<Record<string, string>>, take: (text: string) => void) {
  const served = started([executable, "dashboard", "--no-open"], env);
  const { origin, hash } = new URL((await firstLine(served)).trim());
  const post = (path: string, body: object, more: Record<string, string> = {}) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin, ...more },
      body: JSON.stringify(body),
      timeout: false,
    });
  const told: unknown = await (await post("/session", { secret: hash.slice(1) })).json();
  const { bearer } = Object(told);
  const stream = await post("/v1/watch", {}, { authorization: `Bearer ${bearer}` });
  const read = async (): Promise<void> => {
    for await (const text of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) take(text);
  };
  void read().catch(() => undefined);
}

/** A session changes its summary; how long until the page has it. */
export async function p12({ rounds }: Told): Promise<readonly Row[]> {
  const on = machine("mini");
  await on.start();
  await activated(on, "bench");
  const waiting = new Map<string, () => void>();
  await page(on.env, (text) => {
    for (const [found] of text.matchAll(/event-\d+-/g)) waiting.get(found)?.();
  });
  const ours = await openLoop(
    (index) => {
      const text = `event-${index}-`;
      const arrived = new Promise<void>((resolve) => waiting.set(text, resolve));
      const told = on.calls.summary({ selector: { name: "bench" }, text });
      return Promise.all([told, arrived]);
    },
    { perSecond: 20, seconds: Math.max(3, rounds / 5) },
  );
  return [
    {
      id: "P12",
      metric: "a session's change → the line the page reads: p95 (drawn: P12d below)",
      unit: "ms",
      ours,
      comparator: "–",
      theirs: [],
      judged: { value: quantile(ours, 0.95), unit: " ms" },
      goal: 100,
      moonshot: 30,
    },
  ];
}

/** Between two changes: a machine says at most one hello a second. */
const pauseMs = 1_100;

/** A session on a machine of one's own changes; how long until `peernet watch` here has it. */
export async function p19({ rounds }: Told): Promise<readonly Row[]> {
  const [mini, laptop] = [machine("mini"), machine("laptop")];
  const { address } = await mini.start();
  await laptop.start();
  await pairTwo(mini, laptop, address);
  for (const each of [mini, laptop]) {
    const [peer] = (await each.calls.peers({})).peers;
    const given = { entries: [], hide: [], for_ms: null };
    await each.calls["peers/grant"]({ name: peer?.name ?? "", mine: true, ...given });
  }
  await activated(mini, "bench");
  const waiting = new Map<string, () => void>();
  const watch = started([executable, "watch", "--json"], laptop.env);
  const read = async (): Promise<void> => {
    for await (const text of watch.stdout.pipeThrough(new TextDecoderStream())) {
      for (const [found] of text.matchAll(/event-\d+-/g)) waiting.get(found)?.();
    }
  };
  void read().catch(() => undefined);
  while ((await mini.calls.peers({})).peers[0]?.watches !== true) await Bun.sleep(20);
  const ours: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    const text = `event-${index}-`;
    const arrived = new Promise<void>((resolve) => waiting.set(text, resolve));
    const begunMs = performance.now();
    await Promise.all([mini.calls.summary({ selector: { name: "bench" }, text }), arrived]);
    ours.push(performance.now() - begunMs);
    await Bun.sleep(pauseMs);
  }
  return [
    {
      id: "P19",
      metric: "a change on a machine of one's own → the line that watch reads here: p95",
      unit: "ms",
      ours,
      comparator: "–",
      theirs: [],
      judged: { value: quantile(ours, 0.95), unit: " ms" },
      goal: 500,
      moonshot: 150,
    },
  ];
}
