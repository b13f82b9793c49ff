/** P1, P2, P7: the cost of an answered ask on the answering machine. */

import { join } from "node:path";
import { floors } from "../floors.ts";
import { inTurn, openLoop, quantile, throughput, timed } from "../measure.ts";
import { natsAt } from "../nats.ts";
import {
  activated,
  compiled,
  eventually,
  executable,
  firstLine,
  freePort,
  machine,
  pairTwo,
  scratch,
  started,
} from "../parts.ts";
import type { Row } from "../results.ts";
import { type Asker, seed } from "../seeds.ts";
import { type Ask, askingInTurn } from "../wire.ts";

/** Options of a benchmark. */
export interface Told {
  readonly rounds: number;
}

/** A daemon with one live handle and peers that may ask for it. */
export async function answering(askers: number, program = executable) {
  const on = machine("mini");
  const peers = await seed(on, { askers });
  const { address, pid } = await on.start(program);
  await activated(on, "bench");
  return { on, address, pid, peers };
}

/** The comparator's address. */
async function echo(): Promise<string> {
  const path = join(scratch, `echo-${Bun.randomUUIDv7()}.db`);
  return firstLine(started([await compiled("echo"), path]));
}

/** A laptop paired with a daemon that answers: its calls take the whole way. */
async function laptopOf(on: Awaited<ReturnType<typeof answering>>) {
  const laptop = machine("laptop");
  await laptop.start();
  await pairTwo(on.on, laptop, on.address);
  const input = { handle: "mini/bench", question: null, thread_id: null };
  return { laptop, ask: () => laptop.calls.ask(input) };
}

/** The pause before each of the asks that follow one another slowly: 20 in a second are allowed. */
export const pauseMs = 51;
/** Asks before the first that counts: the log of each home then has its size. */
export const warmAsks = 100;
/** The comparator of complete asks. */
export const floorsWords =
  "the floors of the same run: a unix socket, TLS and one durable record, each after the pause";

const loads = { perSecond: 150, seconds: 1 };

/** An ask, as the answering machine is asked over a kept connection. */
export async function p1({ rounds }: Told): Promise<readonly Row[]> {
  const on = await answering(64);
  const theirs = await echo();
  const [one, other] = [
    await askingInTurn(on.address, on.peers),
    await askingInTurn(theirs, on.peers),
  ];
  const taken = await inTurn(
    { ours: () => timed(one), theirs: () => timed(other) },
    { rounds: rounds * 20, warmUp: 100 },
  );
  const tails: Record<"ours" | "theirs", number[]> = { ours: [], theirs: [] };
  for (let segment = 0; segment < 6; segment += 1) {
    tails.ours.push(...(await openLoop(one, loads)));
    tails.theirs.push(...(await openLoop(other, loads)));
  }
  const comparator = "HTTPS echo on the same kind of listener + one durable insert";
  return [
    { id: "P1", metric: "ask, warm, recorded durably", unit: "ms", comparator, ...taken },
    {
      id: "P1t",
      metric: `the same at ${loads.perSecond}/s, open loop: p99`,
      unit: "ms",
      comparator,
      ...tails,
      judged: { value: quantile(tails.ours, 0.99) / quantile(tails.theirs, 0.99), unit: "×" },
    },
  ].map((row) => ({ goal: 1.5, moonshot: 1.2, ...row }));
}

/** An ask beside a request over NATS. */
export async function p2({ rounds }: Told): Promise<readonly Row[]> {
  const on = await answering(64);
  const wire = await askingInTurn(on.address, on.peers);
  const answer = await wire();
  const port = freePort();
  started(["nats-server", "-a", "127.0.0.1", "-p", String(port)]);
  await eventually(() => natsAt(port));
  const responder = [await compiled("nats-responder"), String(port), answer];
  await firstLine(started(responder));
  const nats = await natsAt(port);
  const body = JSON.stringify({ handle: "bench", question: null, thread_id: Bun.randomUUIDv7() });
  const theirs = () => timed(() => nats.request("ask", body));
  const near = await inTurn(
    { ours: () => timed(wire), theirs },
    { rounds: rounds * 20, warmUp: 100 },
  );
  const { ask } = await laptopOf(on);
  const paced = (run: () => Promise<number>) => async (): Promise<number> => {
    await Bun.sleep(pauseMs);
    return run();
  };
  const floor = await floors(pauseMs);
  const whole = await inTurn(
    { ours: paced(() => timed(ask)), nats: paced(theirs), floor },
    { rounds: rounds * 2, warmUp: warmAsks },
  );
  const comparator = "NATS request/reply, without TLS, which records nothing";
  const metric = "a complete ask: socket, both daemons, both records; after a pause of 50 ms";
  const complete = { metric, unit: "ms", ours: whole.ours };
  return [
    {
      id: "P2",
      metric: "ask, warm, recorded durably",
      ...{ unit: "ms", comparator, goal: 1.5, moonshot: 1 },
      ...near,
    },
    {
      id: "P2w",
      ...complete,
      ...{ comparator: floorsWords, theirs: whole.floor, goal: 2, moonshot: 1.5 },
    },
    { id: "P2n", ...complete, comparator, theirs: whole.nats, goal: null, moonshot: null },
  ];
}

/** Peers of P7, and asks of each in one segment: what its burst and two seconds allow. */
const crowdOf = { peers: 192, asks: 55 };

/** Asks in a second with 32 under way; each peer stays under its own rate, so none is raised. */
export async function p7({ rounds }: Told): Promise<readonly Row[]> {
  const { peers } = crowdOf;
  const [ours, alone] = [
    await answering(peers),
    await answering(peers, await compiled("one-each")),
  ];
  const run = async (on: typeof ours) => crowd(on.address, on.peers);
  const [together, each, bare] = [
    await run(ours),
    await run(alone),
    await crowd(await echo(), ours.peers),
  ];
  const load = { total: peers * crowdOf.asks, atOnce: 32 };
  const segments = Math.max(5, Math.round(rounds / 6));
  const taken = await inTurn(
    {
      ours: () => throughput(together, load),
      theirs: () => throughput(each, load),
      echo: () => throughput(bare, load),
    },
    { rounds: segments, warmUp: 1 },
  );
  const how =
    `${load.total} asks in a row, ${peers} peers, each under its own 20/s and 40 at once: ` +
    "the limit is not raised";
  const common = { unit: "asks/s", ours: taken.ours, isMore: true };
  return [
    {
      id: "P7",
      metric: "answered asks, 32 at a time",
      comparator: "the same daemon, one transaction each",
      theirs: taken.theirs,
      goal: 2.5,
      moonshot: 4,
      how,
      ...common,
    },
    {
      id: "P7b",
      metric: "the same",
      comparator: "HTTPS echo + one durable insert each",
      theirs: taken.echo,
      goal: 1,
      moonshot: null,
      ...common,
    },
  ];
}

/** Each of 32 under way has connections of its own: a connection takes one request at a time. */
async function crowd(address: string, askers: readonly Asker[]) {
  const groups: Ask[] = [];
  for (let worker = 0; worker < 32; worker += 1) {
    groups.push(
      await askingInTurn(
        address,
        askers.filter((_, at) => at % 32 === worker),
      ),
    );
  }
  const free = [...groups];
  return async (): Promise<unknown> => {
    const ask = free.shift();
    if (ask === undefined) throw new Error("more than 32 under way");
    try {
      return await ask();
    } finally {
      free.push(ask);
    }
  };
}
