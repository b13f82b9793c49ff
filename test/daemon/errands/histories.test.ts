/**
 * Random histories of errands: the daemon's end and the keeper's end together, while keepers are
 * killed, daemons restart, programs hang, and deadlines pass.
 */

import { expect, test } from "bun:test";
import { errandKinds } from "../../../src/contract/errands/errands.ts";
import { errandsOpenMax } from "../../../src/contract/errands/limits.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import { keeperPatienceMs } from "../../../src/contract/limits.ts";
import { errandHandlers } from "../../../src/daemon/errands/handlers.ts";
import { PendingErrands } from "../../../src/daemon/errands/pending.ts";
import { doErrands, type ErrandRunners } from "../../../src/keeper/errands.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { type FakeEffects, fakeEffects } from "../../support/effects.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";
import { noReaders } from "../../support/readers.ts";

const input = { summary: "peernet: 1 session waits", body: "1 here" };
const { deadlineMs } = errandKinds.notify;
const config = readConfig({ text: 'machine.name = "mini"', environment: {} });
const caller = { now: { wallMs: 0, bootMs: 0, monotonicMs: 0 } };

interface Asked {
  readonly id: string;
  readonly atMs: number;
  readonly ends: { readonly atMs: number; readonly why: string }[];
}

interface Home {
  readonly effects: FakeEffects;
  readonly draw: Draw;
  readonly repeatable: boolean;
  pending: PendingErrands;
  readonly asked: Asked[];
  /** The id of each errand that a keeper was handed. */
  readonly handed: string[];
  /** Kills the keeper that runs. */
  kill: (() => void) | null;
}

function startDaemon({ effects, repeatable }: Pick<Home, "effects" | "repeatable">) {
  const kinds = { ...errandKinds, notify: { ...errandKinds.notify, repeatable } };
  return new PendingErrands({ effects, config, version: "1.0.0" }, kinds);
}

function ask({ effects, pending, asked }: Home): void {
  const { clock, random } = effects;
  const one: Asked = { id: random.uuid(), atMs: clock.monotonicMs(), ends: [] };
  asked.push(one);
  void pending.run({ kind: "notify", input, id: one.id }).then((ended) => {
    one.ends.push({ atMs: clock.monotonicMs(), why: ended.done ? "done" : ended.why });
  });
}

/** Programs that take their time, fail, or hang. */
const programs = ({ draw, effects }: Home): ErrandRunners => ({
  queue: async () => null,
  search: async () => null,
  notify: async (_, signal) => {
    if (draw.oneIn(4)) await new Promise(() => {});
    await new Promise<void>((done) => effects.timers.after(draw.below(2 * deadlineMs), done));
    if (signal.aborted || draw.oneIn(5)) throw new Error("it failed");
    return {};
  },
  ...noReaders,
});

/** Starts a keeper; returns what kills it. */
function startKeeper(home: Home): () => void {
  let isDead = false;
  let leave = (): void => {};
  const handlers = () => {
    if (isDead) throw new PeernetError("daemon_not_running");
    return errandHandlers(home.pending);
  };
  const doing = doErrands({
    calls: {
      errands: async function* ({ version, kinds }) {
        const iterator = handlers().errands({ version, kinds: [...kinds] }, caller);
        const events = iterator[Symbol.asyncIterator]();
        leave = () => void events.return?.();
        for (let next = await events.next(); !next.done; next = await events.next()) {
          if (next.value.event === "errand") home.handed.push(next.value.errand.id);
          yield next.value;
        }
      },
      errand: async (told) => handlers().errand(told, caller),
    },
    runners: programs(home),
    version: "1.0.0",
    timers: home.effects.timers,
    log: home.effects.log,
  });
  return () => {
    isDead = true;
    leave();
    void doing.end();
  };
}

const acts: readonly ((home: Home) => void)[] = [
  ask,
  (home) => {
    for (let count = home.draw.below(400); count > 0; count -= 1) ask(home);
  },
  (home) => {
    home.kill ??= startKeeper(home);
  },
  (home) => {
    home.kill?.();
    home.kill = null;
  },
  (home) => {
    home.pending.close();
    home.pending = startDaemon(home);
  },
];

test(
  "each errand ends once, by its deadline, and few are open, whatever dies meanwhile",
  () =>
    histories(150, async (draw) => {
      const effects = fakeEffects(draw.below(1_000_000));
      const made = { effects, draw, repeatable: draw.oneIn(2), kill: null };
      const home: Home = { ...made, pending: startDaemon(made), asked: [], handed: [] };
      const { asked, handed, repeatable } = home;
      for (let act = 0; act < 25; act += 1) {
        draw.pick(acts)(home);
        await effects.timers.advance(draw.pick([0, 0, 1, 500, keeperPatienceMs, deadlineMs]));
        const open = asked.filter(({ ends }) => ends.length === 0);
        expect(open.length).toBeLessThanOrEqual(errandsOpenMax);
      }
      home.kill?.();
      await effects.timers.advance(2 * deadlineMs);
      expect(asked.filter(({ ends }) => ends.length !== 1)).toEqual([]);
      const late = asked.filter(({ atMs, ends: [end] }) => (end?.atMs ?? 0) > atMs + deadlineMs);
      expect(late).toEqual([]);
      // Done, failed or lost is an errand of a keeper; if it is not repeatable, of one keeper.
      const told = asked.filter(({ ends }) => /^(done|lost|failed)$/.test(ends[0]?.why ?? ""));
      expect(told.filter(({ id }) => !handed.includes(id))).toEqual([]);
      if (!repeatable) expect(new Set(handed).size).toBe(handed.length);
    }),
  historiesMs,
);
