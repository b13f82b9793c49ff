/**
 * The page's present knowledge of the network. The change feed sends it, again when the daemon
 * comes back; the page never polls. Keeps state; draws nothing.
 */

import { batch, computed, signal } from "@preact/signals";
import type { LocalHandle } from "../../../contract/lease.ts";
import type { MailStanding } from "../../../contract/messages/inbox.ts";
import type { Peer, Status } from "../../../contract/peer.ts";
import type { TaskStanding } from "../../../contract/tasks/standing.ts";
import type { WatchEvent } from "../../../contract/watch.ts";
import type { Registration } from "../../registrations.ts";
import { isHidden, now, onVisibility, pause } from "./browser.ts";
import { forget, listen, sessionOver } from "./server.ts";

/** A value from the feed, and its arrival by this page's clock. */
export interface Told<T> {
  readonly value: T;
  readonly toldMs: number;
}

/** The state of the connection: whether the display is current. */
export type Connection = "starting" | "live" | "daemon_down" | "over";

/** The page's connection to its daemon. */
export const connection = signal<Connection>("starting");
/** The reason why the session is over, in words. */
export const overReason = signal<string>(sessionOver.message);
/** This machine; null before its first event. */
export const machine = signal<Status["machine"] | null>(null);
/** Live handles of this machine, by name. */
export const own = signal<readonly Told<LocalHandle>[]>([]);
/** Peers, by name. */
export const peers = signal<readonly Told<Peer>[]>([]);
/** True when there is neither a session nor a peer. */
export const isBlank = computed(() => own.value.length + peers.value.length === 0);
/** The pairing window. */
export const pairingWindow = signal<Told<Status["window"]>>({ value: { open: false }, toldMs: 0 });
/** The mail that waits here; null before its first event. */
export const mail = signal<MailStanding | null>(null);
/** Messages that a person has to read or decide about. */
export const waitingMail = computed(() =>
  mail.value === null ? 0 : mail.value.person + mail.value.held,
);
/** The tasks that wait or go on; null before their first event. */
export const taskStanding = signal<TaskStanding | null>(null);
/** The last record that the daemon verified since it started. */
export const verifiedTo = signal(0);
/** The executable's name in displayed commands. */
export const command = signal("peernet");
/** The registrations of this peernet in each agent. */
export const registrations = signal<readonly Registration[]>([]);
/** Milliseconds by the page's clock, coarsely: ages are redrawn when it changes. */
export const clock = signal(0);

/** Receives events, as opposed to state. */
export type Witness = (event: WatchEvent) => void;
const witnesses = new Set<Witness>();

/** Calls a function with each event of the feed; returns a function that ends it. */
export function witness(run: Witness): () => void {
  witnesses.add(run);
  return () => witnesses.delete(run);
}

interface Known {
  readonly own: Map<string, Told<LocalHandle>>;
  readonly peers: Map<string, Told<Peer>>;
  isWhole: boolean;
}

let known: Known = { own: new Map(), peers: new Map(), isWhole: false };
let lastSeq: number | undefined;

/** Follows the feed until the session is over. */
export async function follow(): Promise<void> {
  let epoch: string | undefined;
  for (;;) {
    const startedMs = now();
    const failure = await listen(
      "watch",
      {
        ...(epoch === undefined ? {} : { epoch }),
        ...(lastSeq === undefined ? {} : { after_seq: lastSeq }),
      },
      {
        signal: new AbortController().signal,
        listener: {
          head: (head) => {
            epoch = head.epoch;
            lastSeq ??= head.head;
            known = { own: new Map(), peers: new Map(), isWhole: false };
          },
          event: (event) => batch(() => take(event)),
        },
      },
    );
    if (failure?.code === sessionOver.code || failure?.code === "rate_limited") {
      // A page that is left sees its stream cut: only the server's word ends a session.
      if (failure === sessionOver) forget();
      overReason.value = failure.message;
      connection.value = "over";
      return;
    }
    if (connection.value === "live") connection.value = "daemon_down";
    // The server holds the next request until the daemon is back; a server that does not must not
    // make this loop spin.
    if (now() - startedMs < 200) await pause(1_000);
  }
}

/** Takes one event of the feed. */
export function take(event: WatchEvent): void {
  switch (event.event) {
    case "machine":
      machine.value = event.machine;
      break;
    case "window":
      pairingWindow.value = told(event.window);
      break;
    case "chain":
      verifiedTo.value = event.verified_to;
      break;
    case "mail":
      mail.value = event.mail;
      break;
    case "tasks":
      taskStanding.value = event.tasks;
      break;
    case "handle":
      known.own.set(event.handle.handle, told(event.handle));
      break;
    case "handle_gone":
      known.own.delete(event.handle);
      break;
    case "peer":
      known.peers.set(event.peer.fingerprint, told(event.peer));
      break;
    case "peer_gone":
      known.peers.delete(event.fingerprint);
      break;
    case "ready":
      known.isWhole = true;
      connection.value = "live";
      break;
    case "record":
      lastSeq = event.record.seq;
      break;
    case "reset":
      lastSeq = event.head;
      break;
    case "ask_begun":
    case "ask_ended":
      break;
    default:
      event satisfies never;
  }
  if (known.isWhole) show(event);
  for (const see of witnesses) see(event);
}

function show({ event }: WatchEvent): void {
  if (/^(ready|handle)/.test(event)) {
    own.value = [...known.own.values()].sort((a, b) => byText(a.value.handle, b.value.handle));
  }
  if (/^(ready|peer)/.test(event)) {
    peers.value = [...known.peers.values()].sort((a, b) => byText(a.value.name, b.value.name));
  }
}

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const told = <T>(value: T): Told<T> => ({ value, toldMs: now() });

/** A received age or time left, as of now. */
export const elapsed = ({ toldMs }: Told<unknown>): number => Math.max(0, clock.value - toldMs);

const coarseMs = 5_000;
const fineMs = 500;

/**
 * Advances the clock: slowly, faster while a window is open, not at all while the page is hidden.
 */
export async function tick(): Promise<never> {
  const move = (): void => {
    if (!isHidden()) clock.value = now();
  };
  onVisibility(move);
  for (;;) {
    move();
    await pause(pairingWindow.peek().value.open ? fineMs : coarseMs);
  }
}
