/**
 * Random lives of a client: results that are lost, hooks that are killed, a record that is written
 * late, crashes, cleared memories, subagents. Each message is in a memory once, and none is lost.
 */

import { expect, test } from "bun:test";
import { doubtMs } from "../../../src/contract/delivery/limits.ts";
import type { Turn } from "../../../src/contract/delivery/turn.ts";
import {
  follow,
  type Handover,
  judge,
  judgedInMs,
  type Verdict,
} from "../../../src/core/messages/handover.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";

/** A record is written so long after its turn at most. */
const lateMsMax = doubtMs - 100;

/** The rule under test, and the rules without a record, which must fail. */
type Rule = "record" | "believe" | "resend";

/** One life. */
class Life {
  nowMs = 1_000_000;
  readonly messages = new Map<string, { unread: boolean; nonce: string | null }>();
  handovers: readonly Handover[] = [];
  /** The nonces in the session's memory, and those in its record. */
  memory: readonly string[] = [];
  #record: readonly string[] = [];
  #writes: readonly { readonly nonce: string; readonly atMs: number }[] = [];
  #session = { harness: "claude-code", session_id: "s0", process: { pid: 1, start_time: "0" } };
  #heardMs: number | null = null;
  readonly wrong: string[] = [];

  constructor(
    readonly draw: Draw,
    readonly rule: Rule,
  ) {}

  send(): void {
    this.messages.set(`m${this.messages.size}`, { unread: true, nonce: null });
  }

  /** The nonces under which a message was ever given. */
  readonly given = new Map<string, string[]>();

  pass(ms: number): void {
    for (const next of [...this.#steps(ms)]) {
      this.nowMs = next;
      this.#settle();
    }
  }

  /** The instants of a span at which something is due. */
  #steps(ms: number): readonly number[] {
    const endMs = this.nowMs + ms;
    const due = this.handovers.flatMap((each) => judgedInMs(each, this.nowMs) ?? []);
    const all = [...due.map((inMs) => this.nowMs + inMs), endMs];
    return all.filter((at) => at <= endMs).sort((a, b) => a - b);
  }

  #settle(): void {
    const written = this.#writes.filter(({ atMs }) => atMs <= this.nowMs);
    this.#record = [...this.#record, ...written.map(({ nonce }) => nonce)];
    this.#writes = this.#writes.filter(({ atMs }) => atMs > this.nowMs);
    this.#change((each) =>
      judgedInMs(each, this.nowMs) === 0 ? judge(each, this.#verdict(each), this.nowMs) : each,
    );
  }

  #verdict({ nonce }: Handover): Verdict {
    if (this.rule === "believe") return "there";
    if (this.rule === "resend") return "not_there";
    return this.#record.includes(nonce) ? "there" : "not_there";
  }

  hook(moment: Turn["moment"], nonces: readonly string[] = [], subagent = false): void {
    const sign = { session: this.#session, name: "hydrate", heard_ms: this.#heardMs };
    const turn = { moment, nonces: [...nonces], subagent };
    this.#change((each) => follow(each, { ...sign, turn }, this.nowMs));
    this.#heardMs = this.nowMs;
  }

  #change(decide: (handover: Handover) => Handover): void {
    this.handovers = this.handovers.map((before) => {
      const after = decide(before);
      const isProven = after.state === "surfaced" && before.state !== "surfaced";
      if (isProven && !this.memory.includes(after.nonce)) this.wrong.push(`${after.nonce} unseen`);
      if (after.state === "lost" && before.state !== "lost") this.#giveBack(after.nonce);
      return after;
    });
  }

  #giveBack(nonce: string): void {
    for (const message of this.messages.values()) {
      if (message.nonce === nonce) Object.assign(message, { unread: true, nonce: null });
    }
  }

  /** A call of the tool; the result may be lost, and so may the hook that would tell of it. */
  read({ resultIsLost, hookIsLost, subagent }: Reading): void {
    const unread = [...this.messages].filter(([, { unread }]) => unread);
    if (unread.length === 0) return;
    const nonce = `pnr-${this.handovers.length.toString(16).padStart(16, "0")}`;
    for (const [id, message] of unread) {
      Object.assign(message, { unread: false, nonce });
      this.given.set(id, [...(this.given.get(id) ?? []), nonce]);
    }
    const made = { ...this.#session, nonce, name: "hydrate", record: "/r", mark: 0, tries: 0 };
    const fresh = { state: "given", settled_ms: null, doubt: null, doubted_ms: 0 } as const;
    this.handovers = [...this.handovers, { ...made, ...fresh, given_ms: this.nowMs, ended: false }];
    if (resultIsLost) return;
    if (!subagent) {
      this.memory = [...this.memory, nonce];
      const atMs = this.nowMs + this.draw.below(lateMsMax);
      this.#writes = [...this.#writes, { nonce, atMs }];
    }
    if (!hookIsLost) this.hook("tool", [nonce], subagent);
  }

  /** The client is killed, and comes back from its record in another process. */
  crash(): void {
    this.#writes = [];
    this.memory = this.#record;
    const pid = this.#session.process.pid + 1;
    this.#session = { ...this.#session, process: { pid, start_time: String(pid) } };
  }

  /** The session begins again without its memory, in the same process. */
  clear(): void {
    const id = Number(this.#session.session_id.slice(1)) + 1;
    this.#session = { ...this.#session, session_id: `s${id}` };
    [this.memory, this.#record, this.#writes] = [[], [], []];
    this.#heardMs = null;
    this.hook("clear");
  }
}

interface Reading {
  readonly resultIsLost: boolean;
  readonly hookIsLost: boolean;
  readonly subagent: boolean;
}

const sound: Reading = { resultIsLost: false, hookIsLost: false, subagent: false };

function act(life: Life): void {
  const { draw } = life;
  const mayHook = (moment: Turn["moment"]): void => {
    if (!draw.oneIn(4)) life.hook(moment);
  };
  const acts: readonly (() => void)[] = [
    () => life.send(),
    () => mayHook("prompt"),
    () =>
      life.read({
        resultIsLost: draw.oneIn(5),
        hookIsLost: draw.oneIn(4),
        subagent: draw.oneIn(8),
      }),
    () => mayHook("end"),
    () => {
      life.crash();
      mayHook(draw.pick(["startup", "resume", "prompt"]));
    },
    () => (draw.oneIn(4) ? life.clear() : life.hook("cut")),
  ];
  draw.pick(acts)();
  life.pass(draw.pick([0, 50, 500, 3_000, 70_000]));
}

/** A life, and after it turns without a fault until nothing is unread or doubtful. */
function lived(draw: Draw, rule: Rule): Life {
  const life = new Life(draw, rule);
  for (let acts = draw.between(5, 40); acts > 0; acts -= 1) act(life);
  for (let turn = 0; turn < 6; turn += 1) {
    life.hook("prompt");
    life.pass(5_000);
    life.read(sound);
    life.hook("end");
    life.pass(5_000);
  }
  return life;
}

/** The complaints about a life: a message that no memory had, or that one memory has twice. */
function complaints(life: Life): readonly string[] {
  const found = [...life.wrong];
  const stateOf = new Map(life.handovers.map(({ nonce, state }) => [nonce, state]));
  for (const [id, { unread, nonce }] of life.messages) {
    if (unread || stateOf.get(nonce ?? "") !== "surfaced") found.push(`${id} lost`);
    const times = (life.given.get(id) ?? []).filter((each) => life.memory.includes(each)).length;
    if (times > 1) found.push(`${id} is there ${times} times`);
  }
  return found;
}

test(
  "follow() and judge() give each message to a memory once, through every fault",
  async () => {
    await histories(2_000, (draw) => {
      expect(complaints(lived(draw, "record"))).toEqual([]);
    });
  },
  historiesMs,
);

test(
  "follow() and judge() lose or double without the client's record",
  async () => {
    const found = { believe: new Set<string>(), resend: new Set<string>() };
    await histories(400, (draw) => {
      const seed = draw.below(2) === 0 ? "believe" : "resend";
      for (const each of complaints(lived(draw, seed))) {
        found[seed].add(each.replace(/^\S+ /, "").replace(/\d+/, "N"));
      }
    });
    expect([...found.believe]).toContain("unseen");
    expect([...found.resend]).toContain("is there N times");
  },
  historiesMs,
);
