/** One session in the panel: its facts with their ages, and an ask. */

import type { ComponentChildren } from "preact";
import type { LocalHandle } from "../../../contract/lease.ts";
import type { Peer, RemoteHandle } from "../../../contract/peer.ts";
import { agentName } from "../../../contract/text/agents.ts";
import {
  type Hidden,
  isHidden,
  notShown,
  told as toldOf,
  toldText,
} from "../../../contract/text/fact-groups.ts";
import { gitReasonText } from "../../../contract/text/git-reasons.ts";
import { ago, stateShort } from "../../../contract/text/words.ts";
import { obstacle } from "../builder/form.ts";
import { ReadFiles } from "../files/read-files.tsx";
import { filesOf } from "../map/shared.ts";
import { writeTo } from "../messages/mail.ts";
import { rightHalf } from "../names.ts";
import { opened } from "../state/selection.ts";
import { elapsed, own, peers, type Told } from "../state/state.ts";
import { Fact, Foreign, Mark } from "../ui.tsx";
import { AskBar, Copies } from "./ask-bar.tsx";
import { gitText } from "./rows.ts";

/** A session of this machine. */
export function OwnSession({ told }: { readonly told: Told<LocalHandle> }) {
  const { handle, harness, project, state, state_for_ms, summary, git, git_why } = told.value;
  const agedMs = elapsed(told);
  const may = peers.value
    .filter(({ value }) => value.grants.theirs.includes("ask"))
    .map(({ value }) => value.name);
  return (
    <>
      <Head over="Session of this machine" name={rightHalf(handle)}>
        <Mark
          kind={state ?? "unknown"}
          text={stateShort({ state, harness, state_for_ms: plus(state_for_ms, agedMs) }, [])}
        />
      </Head>
      <Summary text={summary} hidden={[]} />
      <dl>
        <Fact name="Git">
          {git === null ? gitReasonText(git_why ?? "unread") : <Foreign text={gitText(git)} />}
          {git?.subject && (
            <small>
              <Foreign text={git.subject} />
            </small>
          )}
        </Fact>
        <Fact name="Since start">
          {git?.since_start && counted(git.since_start.count, "commit")}
        </Fact>
        <Fact name="Project">
          <Foreign text={project} />
        </Fact>
        <Fact name="Agent">{agentName(harness)}</Fact>
        <Fact name="May ask it">{may.length === 0 ? "no peer" : may.join(", ")}</Fact>
      </dl>
      <AskBar key={handle} handle={rightHalf(handle)} />
      <Write to={rightHalf(handle)} />
    </>
  );
}

/** A session of a peer, from its last hello. */
export function RemoteSession({
  told,
  remote,
}: {
  readonly told: Told<Peer>;
  readonly remote: RemoteHandle;
}) {
  const peer = told.value;
  const { handle, harness, project, state, state_for_ms, summary, hidden } = remote;
  const agedMs = elapsed(told);
  const blocked = obstacle(peer);
  const git = gitText(remote);
  const agent = toldText(toldOf(harness, { of: "harness", hidden, why: "" }), agentName);
  return (
    <>
      <Head over={`Session of ${peer.name}`} name={handle}>
        <Mark
          kind={state ?? "unknown"}
          text={stateShort({ state, harness, state_for_ms: plus(state_for_ms, agedMs) }, hidden)}
        />
      </Head>
      {summary !== undefined && <Summary text={summary} hidden={hidden} />}
      <dl>
        <Fact name="Git">{git !== "" && <Foreign text={git} />}</Fact>
        <Fact name="Project">
          <Foreign
            text={toldText(toldOf(project, { of: "project", hidden, why: notShown }), String)}
          />
        </Fact>
        <Fact name="Agent">{agent && <Foreign text={agent} />}</Fact>
        <Fact name="Also changed here">
          {remote.overlaps?.map(({ name, files }) => `${name}: ${filesOf(files)}`).join(", ")}
        </Fact>
        <Fact name="Told">{ago((peer.last_seen_age_ms ?? 0) + agedMs)}</Fact>
        <Machine {...peer} />
      </dl>
      {blocked === null ? (
        <AskBar key={handle} handle={handle} />
      ) : (
        <Blocked handle={handle} why={blocked.why} change={blocked.change} />
      )}
      {peer.grants.ours.includes("message") && <Write to={handle} />}
      <ReadFiles peer={peer} handle={rightHalf(handle)} />
    </>
  );
}

/** Leads to the session's machine. */
const Machine = ({ fingerprint, name }: Pick<Peer, "fingerprint" | "name">) => (
  <Fact name="Machine">
    <button
      type="button"
      class="link"
      onClick={() => {
        opened.value = { kind: "peer", fingerprint };
      }}
    >
      {name}
    </button>
  </Fact>
);

interface BlockedParts {
  readonly handle: string;
  readonly why: string;
  readonly change: string;
}

/** The reason why a session cannot be asked now; its ask may still be copied. */
const Blocked = ({ handle, why, change }: BlockedParts) => (
  <>
    <p class="why">
      {why}. To change that: <code>{change}</code>
    </p>
    <Copies values={{ handle }} />
  </>
);

/** Leads to a message for a session. */
const Write = ({ to }: { readonly to: string }) => (
  <button type="button" class="quiet" onClick={() => writeTo(to)}>
    Message {to}
  </button>
);

/** The chosen session of a peer; null when it has gone. */
export const remoteOf = (peer: Peer, handle: string): RemoteHandle | null =>
  peer.handles.find((each) => each.handle === handle) ?? null;

/** The chosen session of this machine; undefined when it has gone. */
export const ownOf = (handle: string): Told<LocalHandle> | undefined =>
  own.value.find(({ value }) => value.handle === handle);

/** The head of the panel: the kind and the name of the thing, and the way back. */
export const Head = ({
  over,
  name,
  children,
}: {
  readonly over: string;
  readonly name: string;
  readonly children?: ComponentChildren;
}) => (
  <header>
    <p class="over-title">{over}</p>
    <h2>{name}</h2>
    {children}
    {opened.value !== null && (
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
    )}
  </header>
);

interface SummaryParts {
  readonly text: string | null;
  readonly hidden: Hidden;
}

const Summary = ({ text, hidden }: SummaryParts) =>
  text === null && isHidden(hidden, "summary") ? (
    <p class="why">Summary {notShown}.</p>
  ) : text === null ? (
    <p class="why">This session has not set a summary.</p>
  ) : (
    <blockquote>
      <Foreign text={text} />
    </blockquote>
  );

const plus = (age: number | null, more: number): number | null =>
  age === null ? null : age + more;

const counted = (count: number, noun: string): string =>
  `${count} ${count === 1 ? noun : `${noun}s`}`;
