/**
 * The motion of events on the map: a heartbeat along a link, a ripple around a renewed handle, an
 * ask that travels there and back. Each is one element that the compositor moves and that is
 * removed at its end. Decides nothing; draws nothing permanent.
 */

import { isHidden, isStill } from "../state/browser.ts";
import type { Point } from "./geometry.ts";

/** The largest number of moving elements; more would only blur. */
const movingMax = 80;

/** Sends a dot along a line. */
export function travel(
  layer: HTMLElement,
  kind: string,
  { from, to, ms }: { readonly from: Point; readonly to: Point; readonly ms: number },
): Promise<void> {
  const turn = Math.atan2(to.y - from.y, to.x - from.x);
  const at = ({ x, y }: Point): string => `translate(${x}px, ${y}px) rotate(${turn}rad)`;
  return moving(layer, `comet ${kind}`, {
    frames: [
      { transform: at(from), opacity: 0 },
      { opacity: 1, offset: 0.12 },
      { opacity: 1, offset: 0.88 },
      { transform: at(to), opacity: 0 },
    ],
    ms,
  });
}

/** Lets a ring grow from a point and fade. */
export function ripple(layer: HTMLElement, kind: string, { x, y }: Point): Promise<void> {
  return moving(layer, `ripple ${kind}`, {
    frames: [
      { transform: `translate(${x}px, ${y}px) scale(0.3)`, opacity: 0.9 },
      { transform: `translate(${x}px, ${y}px) scale(1.5)`, opacity: 0 },
    ],
    ms: 1_100,
  });
}

async function moving(
  layer: HTMLElement,
  name: string,
  { frames, ms }: { readonly frames: Keyframe[]; readonly ms: number },
): Promise<void> {
  if (isHidden() || isStill() || layer.childElementCount >= movingMax) return;
  const element = document.createElement("i");
  element.className = name;
  layer.append(element);
  const animation = element.animate(frames, { duration: ms, easing: "cubic-bezier(.45,.05,.4,1)" });
  await animation.finished.catch(() => undefined);
  element.remove();
}
