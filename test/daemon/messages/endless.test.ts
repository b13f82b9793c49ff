/** Two models that answer for ever, over 72 h of simulated time: within the receiver's budgets. */

import { expect, test } from "bun:test";
import {
  budgetHourMs,
  hopsMax,
  messagesAlone,
  wakesAlone,
  wakesPerHour,
} from "../../../src/contract/messages/limits.ts";
import type { Sender } from "../../../src/contract/messages/sending.ts";
import { seal } from "../../../src/core/audit-chain.ts";
import { activate } from "../../../src/core/sessions/activate.ts";
import { renew } from "../../../src/core/sessions/lease.ts";
import { createContext, nowOf } from "../../../src/daemon/context/context.ts";
import { markElapsed } from "../../../src/daemon/context/elapsed.ts";
import { postOf } from "../../../src/daemon/post.ts";
import { loadOrCreate } from "../../../src/peer/identity.ts";
import { instantOf } from "../../../src/platform/effects.ts";
import { openStore } from "../../../src/store/database.ts";
import { fakeEffects } from "../../support/effects.ts";

const names = ["api", "web"] as const;
type Name = (typeof names)[number];

/** The ways in which a model answers. */
const ways = {
  "by replies": { reply: true, by: "session" },
  "by new threads": { reply: false, by: "session" },
  "as if a person typed it in a shell of the agent": { reply: false, by: "person" },
} as const;

/** A machine with two agents' sessions, and the wakes and messages of each. */
function world() {
  const effects = fakeEffects(3);
  const store = openStore({
    path: ":memory:",
    seal: (previous, draft) => seal(previous, draft, effects.sha256),
    defer: (commit) => commit(),
  });
  const run = { id: effects.random.uuid(), started_boot_ms: effects.clock.bootMs() };
  const messages = { to: [], wake: "always" as const, wakeUnattended: [] };
  const config = {
    ...{ machine: { name: "mini" }, listen: { addresses: [], port: 0 }, messages },
    ...{ discovery: { tailnet: false, addresses: [] }, tailnet: { sameUserOnly: true } },
    sessions: { activate: "none" as const, folders: [], exclude: [], headless: false },
    notify: { desktop: false, bell: false },
  };
  const identity = loadOrCreate(effects);
  const context = createContext({ effects, config, identity, version: "0", run, store });
  const now = () => instantOf(effects.clock);
  // Between two sessions of one machine no link is asked for.
  const unlinked = { links: {} as never, memories: {} as never };
  const notices = {
    arrived: () => {},
    wayTo: () => ({ next: "wake" as const, not_wakeable: null }),
  };
  const post = postOf({ context, ...unlinked, notices, wake: () => {} });
  return { effects, store, context, now, post };
}

type World = ReturnType<typeof world>;

async function live({ context, now, effects }: World): Promise<void> {
  await context.transact(now(), (work) => {
    markElapsed(context, work, now());
    for (const [at, name] of names.entries()) {
      const request = {
        ...{ name, harness: "claude-code", session_id: `id-${name}`, cwd: `/src/${name}` },
        ...{ process: { pid: at + 1, start_time: "1" }, project: name },
      };
      const next = { ...nowOf(context, now()), generation: at + 1 };
      const taken = activate([], request, { ...next, lease_id: effects.random.uuid() });
      if (taken.ok) work.tables.leases.put(taken.value.lease);
    }
    return { value: undefined };
  });
}

/** A sender with a handle of neither: its words say that it is a person. */
const third: Sender = { by: "person" };

interface Turn {
  readonly name: Name;
  readonly way: (typeof ways)[keyof typeof ways];
}

/** A session's turn if it may be woken: it reads, and answers each message. */
async function turn(of: World, { name, way }: Turn): Promise<number | null> {
  const { context, post, now, effects } = of;
  const nonce = `pnr-${effects.random.uuid().slice(-12)}`;
  const given = await context.transact(now(), (work) => {
    for (const lease of work.tables.leases.all()) {
      work.tables.leases.put(renew(lease, nowOf(context, now())));
    }
    const mailbox = { name, tree: `/src/${name}` };
    const { waking, wakesInMs } = post.mail.waiting(work, mailbox, now());
    if (waking === 0 || wakesInMs !== 0) return { value: null };
    post.mail.woken(work, mailbox, now());
    const { messages } = post.mail.take(work, mailbox, { nonce, now: now() });
    post.mail.raised(work, nonce, { stage: "surfaced", now: now() });
    return { value: messages };
  });
  if (given === null) return null;
  for (const { message_id, from } of given) {
    const reply_to = way.reply ? message_id : null;
    const sender = { session: { session_id: `id-${name}` }, by: way.by };
    const to = from.split("/").at(-1) ?? "";
    const input = { to, topic: null, text: "thanks!", reply_to, from: sender, agreed: false };
    // A refusal changes nothing for a model that always says thanks.
    await post.handlers.send(input, { now: now() }).catch(() => null);
  }
  return given.length;
}

for (const [how, way] of Object.entries(ways)) {
  for (const pushes of [false, true]) {
    const kick = pushes ? "and a third that writes every 5 min" : "from one message";
    test(`two models that answer for ever ${how}, ${kick}, come to rest`, async () => {
      const of = world();
      await live(of);
      const wakes: Record<Name, number[]> = { api: [], web: [] };
      const read: Record<Name, number> = { api: 0, web: 0 };
      const send = (to: Name, from: Sender) =>
        of.post.handlers.send(
          { to, topic: null, text: "hello", reply_to: null, from, agreed: false },
          { now: of.now() },
        );
      await send("api", { session: { session_id: "id-web" }, by: "session" });
      for (let minute = 0; minute < 72 * 60; minute += 1) {
        of.effects.clock.move(60_000);
        const isPushed = pushes && minute % 5 === 0;
        for (const name of isPushed ? names : []) await send(name, third).catch(() => null);
        for (const name of names) {
          const count = await turn(of, { name, way });
          if (count === null) continue;
          wakes[name].push(minute);
          read[name] += count;
        }
      }
      for (const name of names) {
        expect(wakes[name].length).toBeLessThanOrEqual(wakesAlone);
        expect(read[name]).toBeLessThanOrEqual(2 * messagesAlone);
        for (const [at, minute] of wakes[name].entries()) {
          const sixBefore = wakes[name][at - wakesPerHour];
          const apartMs = (minute - (sixBefore ?? Number.NEGATIVE_INFINITY)) * 60_000;
          expect(apartMs).toBeGreaterThanOrEqual(budgetHourMs);
        }
      }
      const turns = wakes.api.length + wakes.web.length;
      if (!pushes) expect(turns).toBeLessThanOrEqual(hopsMax + 1);
      console.log(`72 h ${how}, ${kick}: ${turns} turns, ${read.api + read.web} messages read`);
      of.store.close();
    });
  }
}
