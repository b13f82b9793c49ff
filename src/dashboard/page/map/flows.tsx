/**
 * The permanent motion beneath the map: the core's breath and the flow along live links. Plain
 * elements whose transforms the compositor moves, so that no frame costs a style or a layout.
 */

import type { Link } from "../../../contract/peer.ts";
import { connection, peers } from "../state/state.ts";
import type { Layout } from "./layout.ts";

/** The breath and the flows of a layout. */
export const Under = ({ laid, scale }: { readonly laid: Layout; readonly scale: number }) => {
  const isLive = connection.value === "live";
  return (
    <div
      class={isLive ? "under" : "under still"}
      style={{ transform: `scale(${scale})` }}
      aria-hidden="true"
    >
      <div class="breath" style={{ transform: `translate(${laid.core.x}px, ${laid.core.y}px)` }}>
        <i style={{ width: `${laid.core.r * 7}px`, height: `${laid.core.r * 7}px` }} />
        <b style={{ width: `${laid.core.r * 2}px`, height: `${laid.core.r * 2}px` }} />
      </div>
      {laid.peers.map((place, index) => {
        const peer = peers.value[index]?.value;
        if (peer === undefined || !flows(peer.link)) return null;
        const { x, y, r } = laid.core;
        const turn = Math.atan2(place.y - y, place.x - x);
        const length = Math.hypot(place.x - x, place.y - y) - r - place.r - 4;
        const start = { x: x + Math.cos(turn) * (r + 2), y: y + Math.sin(turn) * (r + 2) };
        const at = `translate(${start.x}px, ${start.y}px)`;
        const transform = `${at} rotate(${turn}rad) translateY(-50%)`;
        return (
          <div
            key={peer.fingerprint}
            class={`flow ${peer.link}`}
            style={{ transform, width: `${Math.max(0, length)}px` }}
          >
            <i />
          </div>
        );
      })}
    </div>
  );
};

const flows = (link: Link): boolean => link === "up" || link === "one-way";
