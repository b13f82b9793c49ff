/** The map as it stands: rings, links, the core, handles and peers, as SVG. Nothing here moves. */

import type { ComponentChildren } from "preact";
import { windowLifeMs } from "../../contract/limits.ts";
import type { Peer } from "../../contract/peer.ts";
import type { PeerPlace } from "./around.ts";
import { characterWidth, fitted } from "./geometry.ts";
import { countText, type Label } from "./label.ts";
import type { Layout } from "./layout.ts";
import { elapsed, machine, own, pairingWindow, peers } from "./network.ts";
import type { OwnPlace } from "./own.ts";
import { dialog, hovered, isSame, looked, opened, type Part } from "./selection.ts";
import { left, pathOf, stateText, took } from "./words.ts";

interface Drawn {
  readonly laid: Layout;
  readonly shape: { readonly width: number; readonly height: number };
  readonly scale: number;
}

/** The whole drawing. */
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
      <LinkLine key={index} laid={laid} place={place} peer={peers.value[index]?.value} />
    ))}
    <Core laid={laid} />
    {laid.own.map((place, index) => (
      <OwnDot key={place.name} place={place} index={index} laid={laid} />
    ))}
    {laid.peers.map((place, index) => {
      const peer = peers.value[index]?.value;
      return peer && <PeerDot key={peer.fingerprint} place={place} peer={peer} />;
    })}
    {laid.peers.length === 0 && <Ghost laid={laid} />}
    {laid.peersLeft > 0 && (
      <text class="note" x={shape.width / 2} y={shape.height - 12} text-anchor="middle">
        {laid.peersLeft} more in the table
      </text>
    )}
  </svg>
);

const Rings = ({ laid: { inner, outer, peers: drawn } }: { readonly laid: Layout }) => (
  <>
    <ellipse class="ring" cx={inner.x} cy={inner.y} rx={inner.rx} ry={inner.ry} />
    {drawn.length > 0 && (
      <ellipse class="ring" cx={outer.x} cy={outer.y} rx={outer.rx} ry={outer.ry} />
    )}
  </>
);

const ghostTurn = -0.42;

/** Where the first peer will be. */
const Ghost = ({ laid: { core, outer } }: { readonly laid: Layout }) => {
  const [rx, ry] = [outer.rx * 0.75, outer.ry * 0.75];
  const [x, y] = [core.x + rx * Math.cos(ghostTurn), core.y + ry * Math.sin(ghostTurn)];
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
      <ellipse class="ring" cx={core.x} cy={core.y} rx={rx} ry={ry} />
      <line class="link down" x1={core.x + core.r} y1={core.y - 8} x2={x - 20} y2={y + 6} />
      <circle class="rim" cx={x} cy={y} r={18} />
      <path class="plus" d={`M${x - 6} ${y}h12m-6 -6v12`} />
      <text class="note" x={x} y={y + 34} text-anchor="middle">
        your next machine
      </text>
    </g>
  );
};

const LinkLine = ({
  laid: { core },
  place,
  peer,
}: {
  readonly laid: Layout;
  readonly place: PeerPlace;
  readonly peer: Peer | undefined;
}) => {
  const turn = Math.atan2(place.y - core.y, place.x - core.x);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return (
    <line
      class={`link ${peer?.link ?? "down"}`}
      x1={core.x + cos * (core.r + 2)}
      y1={core.y + sin * (core.r + 2)}
      x2={place.x - cos * (place.r + 2)}
      y2={place.y - sin * (place.r + 2)}
    />
  );
};

/** One part that the pointer, a finger and keys reach. */
const Reached = ({
  part,
  name,
  kind,
  children,
}: {
  readonly part: Part;
  readonly name: string;
  readonly kind: string;
  readonly children: ComponentChildren;
}) => {
  const isLooked = isSame(part, looked.value);
  const open = (): void => {
    opened.value = part;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      data-part={part.kind}
      class={`part ${kind}${isLooked ? " looked" : ""}`}
      role="button"
      tabIndex={part.kind === "machine" || isSame(part, opened.value) ? 0 : -1}
      aria-label={name}
      onPointerEnter={() => {
        hovered.value = part;
      }}
      onFocus={() => {
        hovered.value = part;
      }}
      onBlur={() => {
        hovered.value = null;
      }}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        open();
        document.getElementById("panel")?.focus();
      }}
    >
      {children}
    </g>
  );
};

const Core = ({ laid }: { readonly laid: Layout }) => {
  const { x, y, r } = laid.core;
  const name = machine.value?.name ?? "";
  const size = Math.max(10, Math.min(15, (r * 1.86) / (Math.max(4, name.length) * characterWidth)));
  const shown = fitted(name, size, r * 1.88);
  return (
    <Reached part={{ kind: "machine" }} name={`${name}, this machine`} kind="core">
      <circle class="disc" cx={x} cy={y} r={r} />
      <circle class="rim" cx={x} cy={y} r={r} />
      <WindowArc laid={laid} />
      <text class="name" x={x} y={y} font-size={size} text-anchor="middle">
        {shown}
      </text>
      {laid.ownUnnamed > 0 && !pairingWindow.value.value.open && (
        <text class="note" x={x} y={y + r * 0.5} text-anchor="middle">
          {own.value.length} live
        </text>
      )}
    </Reached>
  );
};

/** What is left of an open window, as an arc that shortens. */
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

const Text = ({ label, kind }: { readonly label: Label | null; readonly kind: string }) =>
  label === null ? null : (
    <text
      class={kind}
      x={label.x}
      y={label.y}
      font-size={label.size}
      text-anchor={label.anchor}
      transform={
        label.angle === 0
          ? undefined
          : `rotate(${(label.angle * 180) / Math.PI} ${label.x} ${label.y})`
      }
    >
      {label.text}
      {label.count !== undefined && <tspan class="count">{countText(label.count)}</tspan>}
    </text>
  );

const OwnDot = ({
  place,
  index,
  laid,
}: {
  readonly place: OwnPlace;
  readonly index: number;
  readonly laid: Layout;
}) => {
  const handle = own.value[index]?.value;
  const state = handle?.state ?? null;
  const { core } = laid;
  const [cos, sin] = [Math.cos(place.angle), Math.sin(place.angle)];
  return (
    <Reached
      part={{ kind: "own", handle: handle?.handle ?? "" }}
      name={`${place.name}, a handle of this machine, ${stateText(state, null)}`}
      kind={`own ${state ?? "unknown"}`}
    >
      <line
        class="spoke"
        x1={core.x + cos * core.r}
        y1={core.y + sin * core.r}
        x2={place.x - cos * 7}
        y2={place.y - sin * 7}
      />
      <circle class="reach" cx={place.x} cy={place.y} r={12} />
      <circle class="halo" cx={place.x} cy={place.y} r={7.5} />
      <circle class="dot" cx={place.x} cy={place.y} r={4.5} />
      <Text label={place.label} kind="handle" />
    </Reached>
  );
};

const PeerDot = ({ place, peer }: { readonly place: PeerPlace; readonly peer: Peer }) => {
  const { x, y, r } = place;
  const name = [peer.name, `link ${peer.link}`, pathOf(peer.address)];
  if (peer.round_trip_ms !== null) name.push(took(peer.round_trip_ms));
  name.push(`${peer.handles.length} live handles`);
  return (
    <>
      <Reached
        part={{ kind: "peer", fingerprint: peer.fingerprint }}
        name={name.join(", ")}
        kind={`peer ${peer.link}`}
      >
        {place.orbit !== null && <circle class="orbit" cx={x} cy={y} r={place.orbit} />}
        <circle class="reach" cx={x} cy={y} r={Math.max(r, 12)} />
        <circle class="rim" cx={x} cy={y} r={r} />
        {peer.link === "refused" ? (
          <path class="cross" d={`M${x - 3} ${y - 3}l6 6m0 -6l-6 6`} />
        ) : (
          <circle class="dot" cx={x} cy={y} r={r * 0.42} />
        )}
        <Text label={place.label} kind="name" />
        <Text label={place.note} kind="note" />
      </Reached>
      <Moons place={place} peer={peer} />
    </>
  );
};

const Moons = ({ place, peer }: { readonly place: PeerPlace; readonly peer: Peer }) => (
  <>
    {place.moons.map((moon) => {
      const remote = peer.handles[moon.index];
      if (remote === undefined) return null;
      const state = remote.state ?? "unknown";
      const kind = `moon ${peer.link === "down" ? "dark" : state}`;
      if (moon.label === null) {
        return <circle key={moon.index} class={`${kind} dot`} cx={moon.x} cy={moon.y} r={2.4} />;
      }
      const turn = Math.atan2(moon.y - place.y, moon.x - place.x);
      const start = {
        x: place.x + Math.cos(turn) * place.r,
        y: place.y + Math.sin(turn) * place.r,
      };
      const bend = `M${start.x} ${start.y}Q${moon.x} ${(place.y + moon.y * 2) / 3} ${moon.x} ${moon.y}`;
      return (
        <Reached
          key={moon.index}
          part={{ kind: "handle", fingerprint: peer.fingerprint, handle: remote.handle }}
          name={`${remote.handle}, ${stateText(remote.state, remote.state_for_ms)}`}
          kind={kind}
        >
          <path class="bend" d={bend} />
          <circle class="dot" cx={moon.x} cy={moon.y} r={3.6} />
          <Text label={moon.label} kind="handle" />
        </Reached>
      );
    })}
  </>
);
