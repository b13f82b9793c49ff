/** What is known of the part of the map that is looked at. */

import type { LocalHandle } from "../../../contract/lease.ts";
import type { Peer } from "../../../contract/peer.ts";
import { gitReasonText } from "../../../contract/text/git-reasons.ts";
import { standingOf } from "../../../contract/text/standing.ts";
import { ageText, ago, stateShort, took } from "../../../contract/text/words.ts";
import { pathOf, rightHalf } from "../names.ts";
import { build, looked, opened, type Part } from "../state/selection.ts";
import { elapsed, own, peers, type Told } from "../state/state.ts";
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
    const told = own.value.find(({ value }) => value.handle === part.handle);
    if (told !== undefined) return <OwnHandle told={told} />;
  }
  if (part?.kind === "peer" || part?.kind === "handle") {
    const told = peers.value.find(({ value }) => value.fingerprint === part.fingerprint);
    if (told !== undefined) {
      return part.kind === "peer" ? <PeerShown told={told} /> : <Remote told={told} part={part} />;
    }
  }
  return <Overview />;
}

const Close = () =>
  opened.value === null ? null : (
    <button
      type="button"
      class="close"
      aria-label="Back to this machine"
      onClick={() => {
        opened.value = null;
      }}
    >
      ×
    </button>
  );

function OwnHandle({ told }: { readonly told: Told<LocalHandle> }) {
  const handle = told.value;
  const aged = elapsed(told);
  const may = peers.value
    .filter(({ value }) => value.grants.theirs.includes("ask"))
    .map(({ value }) => value.name);
  return (
    <>
      <header>
        <p class="over-title">Handle of this machine</p>
        <h2>{rightHalf(handle.handle)}</h2>
        <Mark
          kind={handle.state ?? "unknown"}
          text={stateShort(handle.state, plus(handle.state_for_ms, aged))}
        />
        <Close />
      </header>
      {handle.summary !== null && (
        <blockquote>
          <Foreign text={handle.summary} />
        </blockquote>
      )}
      <dl>
        <Fact name="Project">
          <Foreign text={handle.project} />
        </Fact>
        <Fact name="Git">
          <Git git={handle.git} git_why={handle.git_why} />
        </Fact>
        <Fact name="Harness">{handle.harness}</Fact>
        <Fact name="Lease">
          ends in {ageText(Math.max(0, handle.expires_in_ms - aged))} unless renewed
        </Fact>
        <Fact name="May ask it">{may.length === 0 ? "no peer" : may.join(", ")}</Fact>
      </dl>
      <div class="actions">
        <button type="button" class="primary" onClick={() => build(rightHalf(handle.handle))}>
          Open in Builder
        </button>
      </div>
    </>
  );
}

/** What git says, in one line. */
export const Git = ({ git, git_why }: Pick<LocalHandle, "git" | "git_why">) =>
  git === null ? (
    <span>{gitReasonText(git_why ?? "unread")}</span>
  ) : (
    <>
      {git.branch !== null && <Foreign text={git.branch} />}{" "}
      <code>{git.sha?.slice(0, 7) ?? "no commit"}</code>
      {git.dirty !== 0 && ` +${git.dirty ?? "?"}`}
      {git.subject !== null && (
        <small>
          <Foreign text={git.subject} />
        </small>
      )}
    </>
  );

const plus = (age: number | null, more: number): number | null =>
  age === null ? null : age + more;

const links: Readonly<Record<Peer["link"], string>> = {
  up: "up",
  down: "dark",
  "one-way": "one way",
  refused: "refused",
};

/** The facts of a peer that hover and focus show. */
export function PeerFacts({ told }: { readonly told: Told<Peer> }) {
  const peer = told.value;
  const seen = plus(peer.last_seen_age_ms, elapsed(told));
  const standing = standingOf({ ...peer, last_seen_age_ms: seen });
  const scopes = (list: readonly string[]): string =>
    list.length === 0 ? "nothing" : list.join(", ");
  return (
    <dl>
      {standing.fix !== null && (
        <Fact name="Link">
          <Foreign text={`${standing.phrases.join(", ")}. To mend it: ${standing.fix}`} />
        </Fact>
      )}
      <Fact name="Fingerprint">
        <code class="fingerprint">{peer.fingerprint}</code>
      </Fact>
      <Fact name="It may">{scopes(peer.grants.theirs)} here</Fact>
      <Fact name="You may">{scopes(peer.grants.ours)} there</Fact>
      <Fact name="Address">{peer.address ?? "none known"}</Fact>
      <Fact name="Path">{pathOf(peer.address)}</Fact>
      <Fact name="Last seen">{seen === null ? "never" : ago(seen)}</Fact>
      <Fact name="Round trip">
        {peer.round_trip_ms === null ? "not measured" : took(peer.round_trip_ms)}
      </Fact>
    </dl>
  );
}

function PeerShown({ told }: { readonly told: Told<Peer> }) {
  const peer = told.value;
  return (
    <>
      <header>
        <p class="over-title">Peer</p>
        <h2>{peer.name}</h2>
        <Mark kind={peer.link} text={links[peer.link]} />
        <Close />
      </header>
      <PeerFacts told={told} />
      {peer.handles.length > 0 && (
        <section>
          <h3>Live handles</h3>
          <ul class="handles">
            {peer.handles.map((each) => (
              <li key={each.handle}>
                <button type="button" class="row" onClick={() => build(each.handle)}>
                  <code>{rightHalf(each.handle)}</code>
                  <Mark
                    kind={each.state ?? "unknown"}
                    text={stateShort(each.state, plus(each.state_for_ms, elapsed(told)))}
                  />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <PeerActions key={peer.fingerprint} peer={peer} />
    </>
  );
}

function Remote({
  told,
  part,
}: {
  readonly told: Told<Peer>;
  readonly part: Extract<Part, { kind: "handle" }>;
}) {
  const remote = told.value.handles.find(({ handle }) => handle === part.handle);
  if (remote === undefined) return <PeerShown told={told} />;
  return (
    <>
      <header>
        <p class="over-title">Handle of {told.value.name}</p>
        <h2>{remote.handle}</h2>
        <Mark
          kind={remote.state ?? "unknown"}
          text={stateShort(remote.state, plus(remote.state_for_ms, elapsed(told)))}
        />
        <Close />
      </header>
      <dl>
        <Fact name="Project">
          <Foreign text={remote.project ?? "not shown"} />
        </Fact>
        <Fact name="Lease">
          ends in {ageText(Math.max(0, remote.expires_in_ms - elapsed(told)))} unless renewed
        </Fact>
      </dl>
      <div class="actions">
        <button type="button" class="primary" onClick={() => build(remote.handle)}>
          Ask from Builder
        </button>
      </div>
      <h3>On {told.value.name}</h3>
      <PeerFacts told={told} />
    </>
  );
}
