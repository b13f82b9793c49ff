/** The facts about the chosen part of the map. */

import { rightsHere, rightsThere } from "../../../contract/grants/words.ts";
import type { Peer } from "../../../contract/peer.ts";
import { standingOf } from "../../../contract/text/standing.ts";
import { past, stateShort, took } from "../../../contract/text/words.ts";
import { ReadFiles } from "../files/read-files.tsx";
import { pathOf, rightHalf } from "../names.ts";
import { Copies } from "../sessions/ask-bar.tsx";
import { lastKnown } from "../sessions/rows.ts";
import { Head, OwnSession, ownOf, RemoteSession, remoteOf } from "../sessions/session.tsx";
import { looked, opened, type Part } from "../state/selection.ts";
import { elapsed, peers, type Told } from "../state/state.ts";
import { Fact, Foreign, Mark } from "../ui.tsx";
import { Overview } from "./overview.tsx";
import { PeerActions } from "./peer-actions.tsx";

/** The panel beside the map. */
export function Panel() {
  const part = looked.value;
  return (
    <aside class="panel" id="panel" tabIndex={-1} aria-label="Details">
      <Shown part={part} />
    </aside>
  );
}

function Shown({ part }: { readonly part: Part | null }) {
  if (part?.kind === "own") {
    const told = ownOf(part.handle);
    if (told !== undefined) return <OwnSession told={told} />;
  }
  if (part?.kind === "peer" || part?.kind === "handle") {
    const told = peers.value.find(({ value }) => value.fingerprint === part.fingerprint);
    if (told !== undefined) {
      const remote = part.kind === "peer" ? null : remoteOf(told.value, part.handle);
      if (remote === null) return <PeerShown told={told} />;
      return <RemoteSession told={told} remote={remote} />;
    }
  }
  return <Overview />;
}

const plus = (age: number | null, more: number): number | null =>
  age === null ? null : age + more;

/** The facts of a peer: everyday facts, and the others below a fold. */
function PeerFacts({ told }: { readonly told: Told<Peer> }) {
  const peer = told.value;
  const seen = plus(peer.last_seen_age_ms, elapsed(told));
  const standing = standingOf({ ...peer, last_seen_age_ms: seen });
  return (
    <>
      <dl>
        <Fact name="Link">
          {standing.fix !== null && (
            <Foreign text={`${standing.phrases.join(", ")}. To mend it: ${standing.fix}`} />
          )}
        </Fact>
        <Fact name="It may">{rightsHere(peer.grants)} here</Fact>
        <Fact name="You may">{rightsThere(peer.grants)} there</Fact>
        <Fact name="Watches">{peer.watches === true && "this machine's sessions, now"}</Fact>
        <Fact name="Last seen">{seen === null ? "never" : past(seen)}</Fact>
      </dl>
      <details class="more">
        <summary>Key, address and version</summary>
        <dl>
          <Fact name="Fingerprint">
            <code class="fingerprint">{peer.fingerprint}</code>
          </Fact>
          <Fact name="Address">{peer.address ?? "none known"}</Fact>
          <Fact name="Path">{pathOf(peer.address)}</Fact>
          <Fact name="Round trip">
            {peer.round_trip_ms === null ? "not measured" : took(peer.round_trip_ms)}
          </Fact>
          <Fact name="Version">{peer.version}</Fact>
        </dl>
      </details>
    </>
  );
}

function PeerShown({ told }: { readonly told: Told<Peer> }) {
  const peer = told.value;
  const last = lastKnown(peer, elapsed(told));
  return (
    <>
      <Head over="Peer" name={peer.name}>
        <Mark kind={peer.link} text={peer.link} />
      </Head>
      {last !== "" && <p class="why">{last}</p>}
      <PeerFacts told={told} />
      {peer.handles.length > 0 && (
        <section>
          <h3>Sessions</h3>
          <ul class="handles">
            {peer.handles.map((each) => (
              <li key={each.handle}>
                <button
                  type="button"
                  class="row"
                  onClick={() => {
                    const { fingerprint } = peer;
                    opened.value = { kind: "handle", fingerprint, handle: each.handle };
                  }}
                >
                  <code>{rightHalf(each.handle)}</code>
                  <Mark
                    kind={each.state ?? "unknown"}
                    text={stateShort(
                      { ...each, state_for_ms: plus(each.state_for_ms, elapsed(told)) },
                      each.hidden,
                    )}
                  />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <ReadFiles peer={peer} handle={null} />
      <PeerActions key={peer.fingerprint} peer={peer} />
      <Copies values={{ handle: `${peer.name}/` }} />
    </>
  );
}
