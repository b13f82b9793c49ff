/** A machine on the outer circle, its name beside it, its sessions as lines or dots. Pure. */

import type { Circle, OnCircle, Point } from "./geometry.ts";
import type { SessionShape, Stop } from "./groups.ts";
import { type Label, labelAt } from "./label.ts";

/** A session of a machine: named in a line, or a dot around the machine. */
export interface Moon extends Point {
  readonly session: SessionShape;
  readonly label: Label | null;
}

/** A machine or a group, placed. */
export interface PeerPlace extends OnCircle {
  readonly stop: Stop;
  readonly r: number;
  /** 1 when its name is to the right, else -1. */
  readonly side: number;
  /** The height of its name and lines. */
  readonly height: number;
  readonly label: Label | null;
  readonly note: Label | null;
  readonly moons: readonly Moon[];
  /** The radius of its dots; null when there are none. */
  readonly orbit: number | null;
}

const nameSize = 13;
const lineSize = 12;
const lineStep = 17;
/** The largest number of dots around a machine. */
const dotsMax = 24;

/** Places a stop; its names follow once their height is known. */
export function placed(stop: Stop, at: OnCircle, outer: Circle): PeerPlace {
  const isGroup = stop.kind === "group";
  const r = isGroup ? 14 : outer.r < 110 ? 7 : 11;
  const named = isGroup ? [] : stop.named;
  const dots = isGroup ? [] : stop.peer.sessions.filter((each) => !named.includes(each));
  const orbit = dots.length === 0 ? null : r + 7;
  const moons = dots.slice(0, dotsMax).map((session, index, all): Moon => {
    const turn = at.angle + (2 * Math.PI * index) / all.length;
    const [dx, dy] = [Math.cos(turn) * (r + 7), Math.sin(turn) * (r + 7)];
    return { session, x: at.x + dx, y: at.y + dy, label: null };
  });
  return {
    ...at,
    stop,
    r,
    side: Math.cos(at.angle) >= -0.001 ? 1 : -1,
    height: (named.length + (noteOf(stop) === "" ? 1 : 2)) * lineStep + 6,
    label: null,
    note: null,
    moons,
    orbit,
  };
}

/** Places the names of a stop around a height. */
export function shifted(
  place: PeerPlace,
  {
    y,
    outer,
    shape,
  }: { readonly y: number; readonly outer: Circle; readonly shape: { width: number } },
): PeerPlace {
  const { stop, side, r, height } = place;
  const reach = r + (place.orbit === null ? 10 : 18);
  // The names stand outside of the circle, at the height at which it is widest beside them.
  const dy = Math.max(0, Math.abs(y - outer.y) - height / 2);
  const rim = Math.sqrt(Math.max(0, outer.r ** 2 - dy ** 2));
  const x = outer.x + side * (Math.max(rim, Math.abs(place.x - outer.x)) + reach);
  const room = (side === 1 ? shape.width - x : x) - 8;
  const top = y - height / 2 + 3 + lineStep / 2;
  const line = (index: number): number => top + index * lineStep;
  const text = stop.kind === "peer" ? stop.peer.name : groupName(stop);
  const note = noteOf(stop);
  const named = stop.kind === "peer" ? stop.named : [];
  return {
    ...place,
    label: labelAt({ x, y: line(0), side, size: nameSize }, { text }, room),
    note: note === "" ? null : labelAt({ x, y: line(1), side, size: 11 }, { text: note }, room),
    moons: [
      ...named.map((session, index): Moon => {
        const at = { x: x + side * 12, y: line(index + 1), side, size: lineSize };
        const words = { text: session.name, rest: session.line };
        return { session, x: x + side * 4, y: at.y, label: labelAt(at, words, room - 12) };
      }),
      ...place.moons,
    ],
  };
}

const groupName = ({ isDown, count }: Extract<Stop, { kind: "group" }>): string =>
  isDown ? `${count} down` : `${count} more`;

/** A line below the name of a stop without named sessions. */
function noteOf(stop: Stop): string {
  if (stop.kind === "group") return "in the list";
  const { sessions, isDown } = stop.peer;
  if (stop.named.length > 0) return "";
  if (isDown) return "down";
  const waiting = sessions.filter(({ state }) => state === "waiting").length;
  const count = sessions.length === 1 ? "1 session" : `${sessions.length} sessions`;
  const verb = waiting === 1 ? "waits" : "wait";
  return waiting === 0 ? count : `${waiting} of ${sessions.length} ${verb}`;
}
