/** Handles and peers at their positions on the map. */

import type { Peer } from "../../../contract/peer.ts";
import { stateLong, took } from "../../../contract/text/words.ts";
import { pathOf } from "../names.ts";
import { own } from "../state/state.ts";
import { Reached, Text } from "./focusable.tsx";
import type { Layout } from "./layout.ts";
import type { OwnPlace } from "./local-place.ts";
import type { PeerPlace } from "./peer-place.ts";

/** A handle of this machine. */
export const OwnDot = ({
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
  const stateWords = stateLong({ state, state_for_ms: null, harness: handle?.harness });
  const { core } = laid;
  const [cos, sin] = [Math.cos(place.angle), Math.sin(place.angle)];
  return (
    <Reached
      part={{ kind: "own", handle: handle?.handle ?? "" }}
      name={`${place.name}, a handle of this machine, ${stateWords}`}
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

/** A peer and its handles. */
export const PeerDot = ({ place, peer }: { readonly place: PeerPlace; readonly peer: Peer }) => {
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
      const pull = (place.y + moon.y * 2) / 3;
      const bend = `M${start.x} ${start.y}Q${moon.x} ${pull} ${moon.x} ${moon.y}`;
      return (
        <Reached
          key={moon.index}
          part={{ kind: "handle", fingerprint: peer.fingerprint, handle: remote.handle }}
          name={`${remote.handle}, ${stateLong(remote)}`}
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
