/** Sessions and machines at their positions on the map. */

import type { Peer } from "../../../contract/peer.ts";
import { stateLong, took } from "../../../contract/text/words.ts";
import { pathOf } from "../names.ts";
import { tab } from "../state/selection.ts";
import { own } from "../state/state.ts";
import { Reached, Text } from "./focusable.tsx";
import { readOf } from "./label.ts";
import type { Layout } from "./layout.ts";
import type { OwnPlace } from "./local-place.ts";
import type { Moon, PeerPlace } from "./peer-place.ts";

/** A session of this machine. */
export const OwnDot = ({ place, laid }: { readonly place: OwnPlace; readonly laid: Layout }) => {
  const handle = own.value.find(({ value }) => value.handle === place.handle)?.value;
  const state = handle?.state ?? null;
  const stateWords = stateLong({ state, state_for_ms: null, harness: handle?.harness }, []);
  const { core } = laid;
  const shown = readOf(place.label, place.name);
  const [cos, sin] = [Math.cos(place.angle), Math.sin(place.angle)];
  return (
    <Reached
      part={{ kind: "own", handle: place.handle }}
      name={`${shown}, session of this machine, ${stateWords}`}
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
      <circle class="dot" cx={place.x} cy={place.y} r={4.5} />
      <Text label={place.label} kind="handle" />
    </Reached>
  );
};

/** A machine and its sessions. */
export const PeerDot = ({ place, peer }: { readonly place: PeerPlace; readonly peer: Peer }) => {
  const { x, y, r } = place;
  const shown = `${readOf(place.label, peer.name)} ${place.note?.text ?? ""}`.trimEnd();
  const name = [shown, `link ${peer.link}`, pathOf(peer.address)];
  if (peer.round_trip_ms !== null) name.push(took(peer.round_trip_ms));
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
        <Leader place={place} />
        <Text label={place.label} kind="name" /> <Text label={place.note} kind="note" />
      </Reached>
      {place.moons.map((moon) => (
        <MoonDot key={moon.session.handle} moon={moon} peer={peer} />
      ))}
    </>
  );
};

/** A line from a machine to a name that had to move away. */
const Leader = ({ place: { x, y, r, side, label } }: { readonly place: PeerPlace }) => {
  if (label === null || Math.hypot(label.x - x, label.y - y) < 3 * r + 14) return null;
  const end = label.x - side * 6;
  const bend = `M${x + side * r} ${y}Q${(x + end) / 2} ${label.y} ${end} ${label.y}`;
  return <path class="bend" d={bend} />;
};

const MoonDot = ({ moon, peer }: { readonly moon: Moon; readonly peer: Peer }) => {
  const { session, x, y, label } = moon;
  const kind = `moon ${session.state ?? "unknown"}`;
  if (label === null) return <circle class={`${kind} dot`} cx={x} cy={y} r={2.6} />;
  return (
    <Reached
      part={{ kind: "handle", fingerprint: peer.fingerprint, handle: session.handle }}
      name={`${readOf(label, session.name)}, session of ${peer.name}`}
      kind={kind}
    >
      <circle class="dot" cx={x} cy={y} r={3.6} />
      <Text label={label} kind="handle" />
    </Reached>
  );
};

/** Machines too many to name; the list has them. */
export const GroupDot = ({ place }: { readonly place: PeerPlace }) => {
  const { x, y, r, stop, label } = place;
  if (stop.kind !== "group") return null;
  const list = (): void => {
    tab.value = "sessions";
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      data-part="group"
      class={stop.isDown ? "part peer group down" : "part peer group up"}
      role="button"
      tabIndex={-1}
      aria-label={`${label?.text ?? stop.count} ${place.note?.text ?? ""}`}
      onClick={list}
      onKeyDown={({ key }) => key === "Enter" && list()}
    >
      <circle class="rim" cx={x} cy={y} r={r} />
      <circle class="dot" cx={x - 4} cy={y} r={1.8} />
      <circle class="dot" cx={x} cy={y} r={1.8} />
      <circle class="dot" cx={x + 4} cy={y} r={1.8} />
      <Leader place={place} />
      <Text label={label} kind="name" /> <Text label={place.note} kind="note" />
    </g>
  );
};
