/** The same as the map, as tables. */

import type { Peer } from "../../../contract/peer.ts";
import { ago, stateShort, took } from "../../../contract/text/words.ts";
import { pathOf, rightHalf } from "../names.ts";
import { build, opened } from "../state/selection.ts";
import { elapsed, own, peers, type Told } from "../state/state.ts";
import { Foreign, Mark } from "../ui.tsx";
import { Git } from "./panel.tsx";

/** Handles here, peers, and the handles there. */
export const Tables = () => (
  <div class="tables">
    <OwnTable />
    <PeerTable />
  </div>
);

const OwnTable = () => (
  <table>
    <caption>Handles of this machine</caption>
    <thead>
      <tr>
        <th scope="col">Handle</th>
        <th scope="col">State</th>
        <th scope="col">Project</th>
        <th scope="col">Git</th>
        <th scope="col">Summary</th>
      </tr>
    </thead>
    <tbody>
      {own.value.length === 0 && (
        <tr>
          <td colSpan={5}>none is live</td>
        </tr>
      )}
      {own.value.map((told) => (
        <tr key={told.value.handle}>
          <th scope="row">
            <button type="button" class="link" onClick={() => build(rightHalf(told.value.handle))}>
              {rightHalf(told.value.handle)}
            </button>
          </th>
          <td>
            <Mark kind={told.value.state ?? "unknown"} text={stateShort(told.value.state, null)} />
          </td>
          <td>
            <Foreign text={told.value.project} />
          </td>
          <td>
            <Git git={told.value.git} git_why={told.value.git_why} />
          </td>
          <td class="long">
            {told.value.summary !== null && <Foreign text={told.value.summary} />}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const PeerTable = () => (
  <table>
    <caption>Peers</caption>
    <thead>
      <tr>
        <th scope="col">Peer</th>
        <th scope="col">Link</th>
        <th scope="col">Handles</th>
        <th scope="col">It may</th>
        <th scope="col">Path</th>
        <th scope="col">Last seen</th>
        <th scope="col">Fingerprint</th>
      </tr>
    </thead>
    <tbody>
      {peers.value.length === 0 && (
        <tr>
          <td colSpan={7}>no machine is paired</td>
        </tr>
      )}
      {peers.value.map((told) => (
        <PeerRow key={told.value.fingerprint} told={told} />
      ))}
    </tbody>
  </table>
);

const PeerRow = ({ told }: { readonly told: Told<Peer> }) => {
  const peer = told.value;
  const seen = peer.last_seen_age_ms;
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="link"
          onClick={() => {
            opened.value = { kind: "peer", fingerprint: peer.fingerprint };
          }}
        >
          {peer.name}
        </button>
      </th>
      <td>
        <Mark kind={peer.link} text={peer.link} />
        {peer.round_trip_ms !== null && ` ${took(peer.round_trip_ms)}`}
      </td>
      <td class="long">
        {peer.handles.map(({ handle }) => rightHalf(handle)).join(", ") || "none"}
      </td>
      <td>{peer.grants.theirs.join(", ") || "nothing"}</td>
      <td>
        {pathOf(peer.address)} <small>{peer.address}</small>
      </td>
      <td>{seen === null ? "never" : ago(seen + elapsed(told))}</td>
      <td>
        <code class="fingerprint">{peer.fingerprint}</code>
      </td>
    </tr>
  );
};
