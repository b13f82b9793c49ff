/** Messages whose daemons end by kill -9 or a power cut: each arrives once, and in order. */

import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { join } from "node:path";
import { PeernetError } from "../../src/contract/errors.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { activated, daemonOf, type Machine, pairUp } from "./daemons.ts";
import { figure } from "./measure.ts";
import { canCut, cutMachine, noCut } from "./power-cut.ts";

const test = skipUnless(isBuilt, notBuilt);
const rounds = faultsWanted ? 500 : 6;

/** Messages of one round: under the limit of unread mail, which is read after each. */
const burst = 4;

interface Two {
  readonly mini: Machine;
  readonly laptop: Machine;
}

/** Lets laptop leave messages on mini, as many as it likes. */
async function mayWrite({ mini, laptop }: Two): Promise<void> {
  await pairUp(mini, laptop);
  await activated(mini);
  const entries = [{ scope: "message" as const, names: null }];
  await mini.calls["peers/grant"]({ name: "laptop", entries, hold: false });
  await until("laptop may write", async () => {
    const { grants } = await laptop.calls["peers/show"]({ name: "mini" });
    return grants.ours.includes("message");
  });
}

/** Texts in the order in which a machine stored them, with how often each did. */
function stored({ folder }: Machine): readonly string[] {
  const database = new Database(join(folder, "state.db"), { readonly: true });
  try {
    return database
      .query<{ text: string }, []>("SELECT text FROM message WHERE direction = 'in' ORDER BY seq")
      .all()
      .map(({ text }) => text);
  } finally {
    database.close();
  }
}

/** Sends a text to the person at mini; null when no answer says that it is durable. */
async function send({ calls }: Machine, text: string, reply_to: string | null) {
  try {
    const from = { by: "person" } as const;
    const { sent } = await calls.send({ to: "mini", text, from, reply_to });
    return sent[0]?.message_id ?? null;
  } catch (error) {
    // A daemon that ended promises nothing.
    if (error instanceof PeernetError || error instanceof TypeError) return null;
    throw error;
  }
}

/** Ends a daemon again and again while messages of one thread go; returns what went wrong. */
async function endedWhileSending(
  { mini, laptop }: Two,
  times: number,
  end: (round: number) => Promise<void>,
) {
  const promised: string[] = [];
  let thread: string | null = null;
  for (let round = 0; round < times; round += 1) {
    const sending = (async () => {
      for (let nth = 0; nth < burst; nth += 1) {
        const text = `${round} ${nth}`;
        const id = await send(laptop, text, thread);
        if (id === null) continue;
        promised.push(text);
        thread ??= id;
      }
    })();
    await Bun.sleep(Math.random() * 30);
    await end(round);
    await sending;
    // The person reads the mail: it never fills the mailbox.
    for (const { message_id, unread } of (await mini.calls.inbox({})).messages) {
      if (unread) await mini.calls["inbox/show"]({ id: message_id, reads: true });
    }
  }
  await until("nothing waits", async () => {
    const { entries } = await laptop.calls.outbox({});
    return entries.length === 0;
  });
  const came = stored(mini);
  const lost = promised.filter((text) => !came.includes(text));
  const twice = came.filter((text, at) => came.indexOf(text) !== at);
  const numbers = came.map((text) => text.split(" ").map(Number));
  const order = numbers.map(([round = 0, nth = 0]) => round * burst + nth);
  const unordered = order.filter((at, nth) => at < (order[nth - 1] ?? -1));
  return { promised: promised.length, lost, twice, unordered };
}

const none = { lost: [], twice: [], unordered: [] };
const counted = ({ lost, twice, unordered }: Awaited<ReturnType<typeof endedWhileSending>>) => ({
  lost: lost.length,
  twice: twice.length,
  out_of_order: unordered.length,
});

test(
  "each message arrives once and in order, however often a daemon is ended by kill -9",
  async () => {
    await using mini = await daemonOf("mini");
    await using laptop = await daemonOf("laptop");
    await mayWrite({ mini, laptop });
    const wrong = await endedWhileSending({ mini, laptop }, rounds, async (round) => {
      const victim = round % 2 === 0 ? mini : laptop;
      await victim.kill();
      await victim.start();
    });
    figure("R11", { kill9_rounds: rounds, promised: wrong.promised, ...counted(wrong) });
    expect(wrong).toMatchObject(none);
    expect(wrong.promised).toBeGreaterThan(rounds);
  },
  30_000 + rounds * 8_000,
);

const cuts = faultsWanted ? 200 : 3;
const testCut = isBuilt ? skipUnless(canCut, noCut) : test;

testCut(
  "each message arrives once and in order after power cuts of the machine that stores it",
  async () => {
    await using mini = await cutMachine("mini");
    await using laptop = await daemonOf("laptop");
    await mayWrite({ mini, laptop });
    await mini.stop();
    await mini.start();
    const wrong = await endedWhileSending({ mini, laptop }, cuts, async () => {
      await mini.cut();
      await mini.start();
    });
    figure("R11p", { power_cut_rounds: cuts, promised: wrong.promised, ...counted(wrong) });
    expect(wrong).toMatchObject(none);
  },
  30_000 + cuts * 8_000,
);
