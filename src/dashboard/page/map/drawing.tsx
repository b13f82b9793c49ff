/**
 * The still part of the map: rings, links, the core, handles and peers, as SVG. Nothing here moves.
 */

import { windowLifeMs } from "../../../contract/limits.ts";
import type { Peer } from "../../../contract/peer.ts";
import { left } from "../../../contract/text/words.ts";
import { dialog } from "../state/selection.ts";
import { elapsed, machine, own, pairingWindow, peers } from "../state/state.ts";
import { Reached } from "./focusable.tsx";
import { characterWidth, fitted } from "./geometry.ts";
import type { Layout } from "./layout.ts";
import type { PeerPlace } from "./peer-place.ts";
import { GroupDot, OwnDot, PeerDot } from "./places.tsx";
import { sharedLines } from "./shared.ts";

interface Drawn {
  readonly laid: Layout;
  readonly shape: { readonly width: number; readonly height: number };
  readonly scale: number;
}

/** The complete drawing. */
export const Drawing = ({ laid, shape, scale }: Drawn) => (
  // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset
  <svg
    width={shape.width * scale}
    height={shape.height * scale}
    viewBox={`0 0 ${shape.width} ${shape.height}`}
    role="group"
    aria-label="Map of the network; arrow keys move, Enter opens"
  >
    <Rings laid={laid} />
    {laid.peers.map((place, index) => (
      <LinkLine key={index} laid={laid} place={place} />
    ))}
    {sharedLines(laid, handlesOf()).map(({ from, to, words }) => (
      <line key={words} class="shared" x1={from.x} y1={from.y} x2={to.x} y2={to.y}>
        <title>{words}</title>
      </line>
    ))}
    <Core laid={laid} />
    {laid.own.map((place) => (
      <OwnDot key={place.handle} place={place} laid={laid} />
    ))}
    {laid.peers.map((place, index) => {
      const peer = peerOf(place);
      if (peer === undefined) return <GroupDot key={index} place={place} />;
      return <PeerDot key={peer.fingerprint} place={place} peer={peer} />;
    })}
    {laid.peers.length === 0 && <Ghost laid={laid} />}
  </svg>
);

const handlesOf = () => new Map(peers.value.map(({ value }) => [value.fingerprint, value.handles]));

const peerOf = ({ stop }: PeerPlace): Peer | undefined =>
  stop.kind === "group"
    ? undefined
    : peers.value.find(({ value }) => value.fingerprint === stop.peer.fingerprint)?.value;

const Rings = ({ laid: { core, inner, outer, peers: drawn } }: { readonly laid: Layout }) => (
  <>
    <circle class="glow" cx={core.x} cy={core.y} r={core.r * 1.9} />
    <circle class="ring" cx={inner.x} cy={inner.y} r={inner.r} />
    {drawn.length > 0 && <circle class="ring" cx={outer.x} cy={outer.y} r={outer.r} />}
  </>
);

const ghostTurn = -0.42;
/** Inside a smaller ring the label would lie on this machine: it stands above its place there. */
const smallRing = 110;

/** The place of the first peer. */
const Ghost = ({ laid: { core, outer } }: { readonly laid: Layout }) => {
  const r = outer.r * 0.8;
  const [x, y] = [core.x + r * Math.cos(ghostTurn), core.y + r * Math.sin(ghostTurn)];
  const pair = (): void => {
    dialog.value = "pair";
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      class="part ghost"
      role="button"
      tabIndex={0}
      aria-label="Pair your next machine"
      onClick={pair}
      onKeyDown={({ key }) => key === "Enter" && pair()}
    >
      <circle class="ring" cx={core.x} cy={core.y} r={r} />
      <line class="link down" x1={core.x + core.r} y1={core.y - 8} x2={x - 20} y2={y + 6} />
      <circle class="rim" cx={x} cy={y} r={18} />
      <path class="plus" d={`M${x - 6} ${y}h12m-6 -6v12`} />
      <text class="next" x={x} y={outer.r < smallRing ? y - 30 : y + 36} text-anchor="middle">
        your next machine
      </text>
    </g>
  );
};

const LinkLine = ({
  laid: { core },
  place,
}: {
  readonly laid: Layout;
  readonly place: PeerPlace;
}) => {
  const { stop } = place;
  const link = stop.kind === "group" ? (stop.isDown ? "down" : "up") : peerOf(place)?.link;
  const turn = Math.atan2(place.y - core.y, place.x - core.x);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return (
    <line
      class={`link ${link ?? "down"}`}
      x1={core.x + cos * (core.r + 2)}
      y1={core.y + sin * (core.r + 2)}
      x2={place.x - cos * (place.r + 2)}
      y2={place.y - sin * (place.r + 2)}
    />
  );
};

const Core = ({ laid }: { readonly laid: Layout }) => {
  const { x, y, r } = laid.core;
  const name = machine.value?.name ?? "";
  const size = Math.max(
    9.5,
    Math.min(15, (r * 1.66) / (Math.max(4, name.length) * characterWidth)),
  );
  const shown = fitted(name, size, r * 1.88);
  return (
    <Reached part={{ kind: "machine" }} name={`${name}, this machine`} kind="core">
      <circle class="disc" cx={x} cy={y} r={r} />
      <circle class="rim" cx={x} cy={y} r={r} />
      <WindowArc laid={laid} />
      <text class="name" x={x} y={y} font-size={size} text-anchor="middle">
        {shown}
      </text>
      {laid.own.some(({ label }) => label === null) && !pairingWindow.value.value.open && (
        <text class="note" x={x} y={y + r * 0.5} text-anchor="middle">
          {own.value.length} live
        </text>
      )}
    </Reached>
  );
};

/** The time left of an open window, as an arc that shortens. */
const WindowArc = ({ laid: { core } }: { readonly laid: Layout }) => {
  const told = pairingWindow.value;
  if (!told.value.open) return null;
  const leftMs = Math.max(0, told.value.expires_in_ms - elapsed(told));
  const r = core.r + 9;
  const around = 2 * Math.PI * r;
  return (
    <g class="window">
      <circle class="track" cx={core.x} cy={core.y} r={r} />
      <circle
        class="arc"
        cx={core.x}
        cy={core.y}
        r={r}
        transform={`rotate(-90 ${core.x} ${core.y})`}
        stroke-dasharray={around}
        style={{ strokeDashoffset: `${around * (1 - leftMs / windowLifeMs)}px` }}
      />
      <text class="closing" x={core.x} y={core.y + core.r * 0.5} text-anchor="middle">
        {left(leftMs)}
      </text>
    </g>
  );
};
