/** Turns the feed's events into motion. Knows positions; decides nothing. */

import type { AuditRecord } from "../../../contract/audit.ts";
import type { WatchEvent } from "../../../contract/watch.ts";
import { rightHalf } from "../names.ts";
import { now, pause } from "../state/browser.ts";
import type { Point } from "./geometry.ts";
import type { Layout } from "./layout.ts";
import type { PeerPlace } from "./peer-place.ts";
import { ripple, travel } from "./pulses.ts";

/** The layer of the moving elements, and the layout beneath it. */
export interface Stage {
  readonly layer: HTMLElement | null;
  readonly laid: Layout;
}

type Begun = Extract<WatchEvent, { event: "ask_begun" }>;
type Ends = Pick<Begun, "direction" | "fingerprint" | "handle">;

/** Asks in progress: the path of each, and the end of its motion. */
const underWay = new Map<string, { readonly way: readonly Point[]; arrived: Promise<void> }>();
/** The longest ask; one whose end was missed is removed after it. */
const askMsMax = 60_000;
const legMs = 650;
const beatMs = 900;

/** Shows one event. */
export function animate(event: WatchEvent, { layer, laid }: Stage): void {
  if (layer === null) return;
  if (event.event === "handle" && event.renewed) {
    const place = laid.own.find(({ handle }) => handle === event.handle.handle);
    if (place !== undefined) void ripple(layer, "beat", place);
  } else if (event.event === "peer" && event.greeted !== null) {
    const place = placeOf(event.peer.fingerprint, laid);
    if (place === null) return;
    const [from, to] = event.greeted === "in" ? [place, laid.core] : [laid.core, place];
    void travel(layer, "beat", { from, to, ms: beatMs }).then(() => ripple(layer, "beat", to));
  } else if (event.event === "record" && event.record.verb === "message") {
    void along(layer, "message", wayOfMessage(event.record, laid));
  } else if (event.event === "ask_begun") {
    void leave(event, { layer, laid });
  } else if (event.event === "ask_ended") {
    void comeBack(event.ask_id, event.outcome, layer);
  }
}

async function leave(begun: Begun, { layer, laid }: Stage): Promise<void> {
  const way = wayOf(begun, laid);
  const target = way.at(-1);
  if (layer === null || target === undefined) return;
  const going = { way, arrived: along(layer, "ask", way) };
  underWay.set(begun.ask_id, going);
  await going.arrived;
  const endMs = now() + askMsMax;
  while (underWay.get(begun.ask_id) === going && now() < endMs) {
    await ripple(layer, "ask", target);
    await pause(150);
  }
  if (now() >= endMs) underWay.delete(begun.ask_id);
}

async function comeBack(ask_id: string, outcome: string, layer: HTMLElement): Promise<void> {
  const going = underWay.get(ask_id);
  if (going === undefined) return;
  await going.arrived;
  underWay.delete(ask_id);
  const kind = outcome === "ok" ? "answer" : "refusal";
  await along(layer, kind, going.way.toReversed());
}

async function along(layer: HTMLElement, kind: string, way: readonly Point[]): Promise<void> {
  for (const [index, to] of way.entries()) {
    const from = way[index - 1];
    if (from !== undefined) await travel(layer, kind, { from, to, ms: legMs });
  }
}

/** The path from the asker to the asked handle. */
function wayOf({ direction, fingerprint, handle }: Ends, laid: Layout): readonly Point[] {
  const peer = fingerprint === null ? null : placeOf(fingerprint, laid);
  const name = rightHalf(handle);
  const mine = laid.own.find((place) => place.name === name);
  if (direction === "local") return mine === undefined ? [] : [laid.core, mine];
  if (peer === null) return [];
  if (direction === "in") return mine === undefined ? [peer, laid.core] : [peer, laid.core, mine];
  const moon = peer.moons.find(({ session }) => rightHalf(session.handle) === name);
  return moon === undefined ? [laid.core, peer] : [laid.core, peer, moon];
}

/** The path of a message that was just recorded; empty when a person decided about it. */
function wayOfMessage(record: AuditRecord, laid: Layout): readonly Point[] {
  const { direction, peer_fingerprint, handle, outcome } = record;
  if (!travelling.has(outcome)) return [];
  return wayOf({ direction, fingerprint: peer_fingerprint, handle: handle ?? "" }, laid);
}

/** Outcomes of a message that has just gone from one machine to the other. */
const travelling: ReadonlySet<string> = new Set(["stored", "held"]);

/** The place of a machine, or of the group that contains it. */
function placeOf(fingerprint: string, laid: Layout): PeerPlace | null {
  const own = laid.peers.find(
    ({ stop }) => stop.kind === "peer" && stop.peer.fingerprint === fingerprint,
  );
  return own ?? laid.peers.find(({ stop }) => stop.kind === "group" && !stop.isDown) ?? null;
}
