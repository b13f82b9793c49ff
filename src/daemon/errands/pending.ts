/**
 * The open errands, and the keeper that takes them. They live in memory: after a restart a caller
 * repeats its request with the same id. Carries out no errand itself.
 */

import {
  type Errand,
  type ErrandInputOf,
  type ErrandKind,
  type ErrandOutcome,
  type ErrandsEvent,
  type ErrandsInput,
  type ErrandWord,
  errandKinds,
} from "../../contract/errands/errands.ts";
import { errandsAtOnceMax, errandsOpenMax } from "../../contract/errands/limits.ts";
import { keeperPatienceMs } from "../../contract/limits.ts";
import { isKeeperWanted, isOlder } from "../../core/keeper.ts";
import type { Cancel } from "../../platform/effects.ts";
import type { Context } from "../context/context.ts";
import type { Ended, Errands, KeeperSeen, Undone } from "../context/ports.ts";
import { errandStream, type KeeperStream, replaceStream } from "./stream.ts";

interface Open {
  readonly id: string;
  readonly kind: ErrandWord;
  readonly input: ErrandInputOf<ErrandWord>;
  readonly dueMs: number;
  /** The stream of its keeper; null while it waits. */
  by: KeeperStream | null;
  readonly ended: Promise<Ended<ErrandWord>>;
  readonly end: (ended: Ended<ErrandWord>) => void;
}

type Parts = Pick<Context, "effects" | "config" | "version">;
type Kinds = Readonly<Record<ErrandWord, ErrandKind>>;

/** The errands of a daemon. */
export class PendingErrands implements Errands, KeeperSeen {
  readonly #context: Parts;
  readonly #kinds: Kinds;
  /** In the order of the requests. */
  readonly #open = new Map<string, Open>();
  /** Versions of keepers that received the request to end. */
  readonly #replaced = new Set<string>();
  readonly #lastEnds = new Map<ErrandWord, "done" | Undone>();
  readonly #wishes: (() => boolean)[] = [];
  #keeper: KeeperStream | null = null;
  #awayFromMs: number;
  #cancelLook: Cancel | null = null;

  constructor(context: Parts, kinds: Kinds = errandKinds) {
    this.#context = context;
    this.#kinds = kinds;
    this.#awayFromMs = context.effects.clock.monotonicMs();
  }

  async run<K extends ErrandWord>(errand: {
    readonly kind: K;
    readonly input: ErrandInputOf<K>;
    readonly id?: string;
  }): Promise<Ended<K>> {
    const { kind, input, id = this.#context.effects.random.uuid() } = errand;
    const open = this.#open.get(id);
    const isSame = open?.kind === kind && JSON.stringify(open.input) === JSON.stringify(input);
    const refused = this.#refusal(kind, open === undefined ? null : isSame);
    const ended =
      refused !== null
        ? ({ done: false, why: refused } as const)
        : await (open ?? this.#add(id, kind, input)).ended;
    this.#lastEnds.set(kind, ended.done ? "done" : ended.why);
    // The table gives the type: `finish` takes an output only of the errand's own kind.
    return ended as Ended<K>;
  }

  lastEnd(kind: ErrandWord): "done" | Undone | null {
    return this.#lastEnds.get(kind) ?? null;
  }

  /**
   * The reason why an errand is refused. `isSame` compares it with the open one of its id; null
   * when there is none.
   */
  #refusal(kind: ErrandWord, isSame: boolean | null): Undone | null {
    if (isSame !== null) return isSame ? null : "conflict";
    if (this.#open.size >= errandsOpenMax) return "full";
    if (this.#keeper !== null) return this.#keeper.kinds.has(kind) ? null : "unsupported";
    return (this.awayMs() ?? 0) >= keeperPatienceMs ? "no_keeper" : null;
  }

  #add(id: string, kind: ErrandWord, input: Open["input"]): Open {
    const { clock, timers } = this.#context.effects;
    const { deadlineMs } = this.#kinds[kind];
    const { promise, resolve } = Promise.withResolvers<Ended<ErrandWord>>();
    const cancel = timers.after(deadlineMs, () => end({ done: false, why: "deadline" }));
    const end: Open["end"] = (ended) => {
      if (!this.#open.delete(id)) return;
      cancel();
      resolve(ended);
      // It has freed its slot.
      this.#keeper?.wake();
    };
    const dueMs = clock.monotonicMs() + deadlineMs;
    const added: Open = { id, kind, input, dueMs, by: null, ended: promise, end };
    this.#open.set(id, added);
    if (this.#keeper === null) this.#lookLater();
    this.#keeper?.wake();
    return added;
  }

  isWanted(): boolean {
    const { notify } = this.#context.config;
    const isWantedLater = this.#wishes.some((wish) => wish());
    return isKeeperWanted({
      errands: this.#open.size,
      notifies: notify.desktop || isWantedLater,
    });
  }

  /** Wants a keeper while a wish is true: its errands cannot wait until one is started. */
  wish(wish: () => boolean): void {
    this.#wishes.push(wish);
  }

  awayMs(): number | null {
    if (this.#keeper !== null) return null;
    return this.#context.effects.clock.monotonicMs() - this.#awayFromMs;
  }

  /** The errands for a keeper. A home has one: the newest stream replaces the others. */
  open({ version, kinds }: ErrandsInput): AsyncIterableIterator<ErrandsEvent> {
    // Once for each version: if the file on the disk is the older one, its keeper must do.
    if (isOlder(version, this.#context.version) && !this.#replaced.has(version)) {
      this.#replaced.add(version);
      return replaceStream();
    }
    this.#keeper?.end();
    const keeper = errandStream({
      kinds: new Set(kinds),
      take: () => this.#take(keeper),
      onEnd: () => this.#leave(keeper),
    });
    this.#keeper = keeper;
    this.#cancelLook?.();
    this.#cancelLook = null;
    return keeper.events;
  }

  /** Ends the stream of the keeper, and every errand. */
  close(): void {
    this.#keeper?.end();
    this.#cancelLook?.();
    for (const { end } of [...this.#open.values()]) end({ done: false, why: "no_keeper" });
  }

  /** Notes the outcome of an errand; false when nobody waits for it. */
  finish(id: string, outcome: ErrandOutcome): boolean {
    const open = this.#open.get(id);
    if (open === undefined) return false;
    if (outcome.kind === "failed") open.end({ done: false, why: outcome.reason });
    else if (outcome.kind === open.kind) open.end({ done: true, output: outcome.output });
    else return false;
    return true;
  }

  #take(keeper: KeeperStream): ErrandsEvent | null {
    const all = [...this.#open.values()];
    if (all.filter(({ by }) => by !== null).length >= errandsAtOnceMax) return null;
    const next = all.find(({ by }) => by === null);
    if (next === undefined) return null;
    if (!keeper.kinds.has(next.kind)) {
      next.end({ done: false, why: "unsupported" });
      return this.#take(keeper);
    }
    next.by = keeper;
    const { id, kind, input, dueMs } = next;
    const leftMs = Math.max(0, Math.floor(dueMs - this.#context.effects.clock.monotonicMs()));
    // The table gives the type: only `run` makes an errand, with the input of its kind.
    const errand = { id, kind, input, deadline_ms: leftMs } as Errand;
    return { event: "errand", errand };
  }

  /** A keeper has left: its errands go to the next keeper, or are lost. */
  #leave(keeper: KeeperStream): void {
    for (const open of [...this.#open.values()]) {
      if (open.by !== keeper) continue;
      if (this.#kinds[open.kind].repeatable) open.by = null;
      else open.end({ done: false, why: "lost" });
    }
    if (this.#keeper !== keeper) {
      this.#keeper?.wake();
      return;
    }
    this.#keeper = null;
    this.#awayFromMs = this.#context.effects.clock.monotonicMs();
    if (this.#open.size > 0) this.#lookLater();
  }

  /** Gives up errands that wait for an absent keeper. */
  #lookLater(): void {
    if (this.#cancelLook !== null) return;
    const leftMs = Math.max(0, keeperPatienceMs - (this.awayMs() ?? 0));
    this.#cancelLook = this.#context.effects.timers.after(leftMs, () => {
      this.#cancelLook = null;
      if (this.#keeper !== null) return;
      for (const { end } of [...this.#open.values()]) end({ done: false, why: "no_keeper" });
    });
  }
}
