/** P16, P18: the cost of a message, alone and by the thousand. */

import { inTurn, type Samples, timed } from "../measure.ts";
import { jetStreamAt } from "../nats.ts";
import {
  activated,
  eventually,
  executable,
  freePort,
  type Machine,
  machine,
  pairTwo,
  raised,
  scratch,
  started,
} from "../parts.ts";
import type { NotMeasured, Row } from "../results.ts";
import type { Told } from "./asks.ts";

/** Two paired machines; laptop may leave messages on mini, and none is held. */
async function two(program: string): Promise<{ readonly mini: Machine; readonly laptop: Machine }> {
  const [mini, laptop] = [machine("mini"), machine("laptop")];
  const { address } = await mini.start(program);
  await laptop.start(program);
  await pairTwo(mini, laptop, address);
  await activated(mini, "bench");
  const entries = (["ask", "message"] as const).map((scope) => ({ scope, names: null }));
  await mini.calls["peers/grant"]({ name: "laptop", entries, hold: false });
  await eventually(async () => {
    const { grants } = await laptop.calls["peers/show"]({ name: "mini" });
    if (!grants.ours.includes("message")) throw new Error("laptop does not know its right yet");
  });
  return { mini, laptop };
}

/** `peernet send`, until the message is stored there and that is known here. */
export async function p16({ rounds }: Told): Promise<readonly Row[]> {
  const { laptop } = await two(executable);
  // Fewer than a mailbox takes.
  const taken = await inTurn(
    {
      ours: () => timed(() => laptop.run(["send", "mini/bench", "hello"])),
      theirs: () => timed(() => laptop.run(["ask", "mini/bench"])),
    },
    { rounds: Math.min(rounds, 100), warmUp: 5 },
  );
  const metric = "`peernet send mini/bench`, complete process, stored there and known here";
  const common = { unit: "ms", comparator: "`peernet ask mini/bench`", goal: 1.2, moonshot: 1 };
  return [{ id: "P16", metric, ...common, ...taken }];
}

/** Messages of one drain: what the outbox of one peer holds. */
const drained = 1_000;
/** Calls at once. */
const atOnce = 50;

/** Messages in a second of one thread, in order, durable on both machines. */
async function drain({ laptop }: { readonly laptop: Machine }): Promise<number> {
  const from = { by: "person" } as const;
  const first = await laptop.calls.send({ to: "mini", text: "first", from });
  const reply_to = first.sent[0]?.message_id ?? null;
  const startedMs = performance.now();
  // As many calls as a machine's sessions would make at once.
  for (let nth = 0; nth < drained; nth += atOnce) {
    const some = Array.from({ length: atOnce }, (_, at) =>
      laptop.calls.send({ to: "mini", text: `message ${nth + at}`, from, reply_to }),
    );
    await Promise.all(some);
  }
  await eventually(async () => {
    const { entries } = await laptop.calls.outbox({});
    if (entries.length > 0) throw new Error("messages wait");
  }, 60_000);
  return (drained * 1_000) / (performance.now() - startedMs);
}

/** Drains of a full outbox beside a stream of NATS that is as durable. */
export async function p18({ rounds }: Told): Promise<readonly (Row | NotMeasured)[]> {
  const machines = await two(await raised());
  const times = Math.max(3, Math.round(rounds / 10));
  const ours: number[] = [];
  for (let time = 0; time < times; time += 1) ours.push(await drain(machines));
  const metric = `messages of one thread in a second: ${drained} at once, durable on both`;
  const how = "the rate of calls and the places of a mailbox are raised in both builds";
  const common = { metric, how, unit: "messages/s", ours, isMore: true, moonshot: null };
  if (!hasSync()) {
    const shown = ours.map((each) => each.toFixed(0)).join(", ");
    const why = `no nats-server that syncs each message is here; ours: ${shown} messages/s`;
    return [{ id: "P18", metric, why }];
  }
  const [inOrder, pipelined] = await streamed(times);
  const comparator = "NATS JetStream on a file that each message syncs";
  return [
    { id: "P18", ...common, comparator: `${comparator}, one by one`, theirs: inOrder, goal: 1 },
    { id: "P18p", ...common, comparator: `${comparator}, pipelined`, theirs: pipelined, goal: 0.5 },
  ];
}

/** True for a server that can sync each message: since 2.10. Debian 12 has an older one. */
function hasSync(): boolean {
  if (Bun.which("nats-server") === null) return false;
  const text = Bun.spawnSync(["nats-server", "--version"]).stdout.toString();
  const [, major = "0", minor = "0"] = /v(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}

/** The same number of messages in a stream: each acknowledged before the next, and all at once. */
async function streamed(times: number): Promise<readonly [Samples, Samples]> {
  const port = freePort();
  const config = `${scratch}/jetstream.conf`;
  const store = `jetstream { store_dir: "${scratch}/jetstream", sync_interval: always }`;
  await Bun.write(config, `listen: "127.0.0.1:${port}"\n${store}\n`);
  started(["nats-server", "-c", config]);
  const publish = await eventually(() => jetStreamAt(port));
  const perSecond = async (run: () => Promise<unknown>): Promise<number> => {
    const ms = await timed(run);
    return (drained * 1_000) / ms;
  };
  const inOrder: number[] = [];
  const pipelined: number[] = [];
  for (let time = 0; time < times; time += 1) {
    inOrder.push(
      await perSecond(async () => {
        for (let nth = 0; nth < drained; nth += 1) await publish(`message ${nth}`);
      }),
    );
    pipelined.push(
      await perSecond(() =>
        Promise.all(Array.from({ length: drained }, (_, nth) => publish(`message ${nth}`))),
      ),
    );
  }
  return [inOrder, pipelined];
}
