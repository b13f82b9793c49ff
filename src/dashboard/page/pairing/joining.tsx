/**
 * Typing a code: finds machines with an open window, lets the person choose, sends the code to the
 * chosen one.
 */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Candidate } from "../../../contract/discovery.ts";
import type { Paired } from "../../../contract/pairing.ts";
import { call, type Failure } from "../state/server.ts";
import { Failed, Foreign } from "../ui.tsx";
import { PairedNow } from "./paired.tsx";

/** The receiver of a code. */
interface Target {
  readonly name: string;
  readonly address: string;
  readonly fingerprint: string;
}

/** The search, the choice, the code. */
export function Join() {
  const target = useSignal<Target | null>(null);
  const paired = useSignal<Paired | null>(null);
  if (paired.value !== null) return <PairedNow paired={paired.value} />;
  return (
    <div class="join">
      {target.value === null ? (
        <Search
          choose={(chosen) => {
            target.value = chosen;
          }}
        />
      ) : (
        <Code
          target={target.value}
          done={(now) => {
            paired.value = now;
          }}
        />
      )}
    </div>
  );
}

function Search({ choose }: { readonly choose: (target: Target) => void }) {
  const found = useSignal<readonly Candidate[] | null>(null);
  const error = useSignal<Failure | null>(null);
  const search = async (): Promise<void> => {
    found.value = null;
    const reply = await call("discover", {});
    error.value = reply.ok ? null : reply.error;
    found.value = reply.ok ? reply.value.candidates : [];
  };
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) void search();
    isFirst.current = false;
  });
  const probe = async (to: string): Promise<void> => {
    const reply = await call("pair/probe", { to });
    if (!reply.ok) {
      error.value = reply.error;
      return;
    }
    const { address, fingerprint, open } = reply.value;
    error.value = open ? null : closedThere;
    if (open) choose({ name: address, address, fingerprint });
  };
  return (
    <>
      <Found found={found.value} choose={choose} />
      <div class="actions">
        <button type="button" disabled={found.value === null} onClick={search}>
          Search again
        </button>
      </div>
      <Typed label="Or its address" button="Look" accepts={/^\S+$/} take={probe} />
      {error.value !== null && <Failed error={error.value} />}
    </>
  );
}

function Code({
  target: { name, address, fingerprint },
  done,
}: {
  readonly target: Target;
  readonly done: (paired: Paired) => void;
}) {
  const error = useSignal<Failure | null>(null);
  const pair = async (code: string): Promise<void> => {
    const reply = await call("pair", { code, to: address, fingerprint, grant: ["ask"] });
    if (reply.ok) done(reply.value);
    else error.value = reply.error;
  };
  return (
    <>
      <p>
        Code shown on <Foreign text={name} />
      </p>
      <p class="why">
        {address}
        <br />
        <code class="fingerprint">{fingerprint}</code>
      </p>
      <Typed label="Code" button="Pair" isCode accepts={/^\d{3}[\s-]?\d{3}$/} take={pair} />
      {error.value !== null && <Failed error={error.value} />}
    </>
  );
}

const closedThere: Failure = {
  code: "window_closed",
  message: "no pairing window is open there",
  hint: "on that machine run: peernet pair --open",
};

const Found = ({
  found,
  choose,
}: {
  readonly found: readonly Candidate[] | null;
  readonly choose: (target: Target) => void;
}) => {
  if (found === null) return <p role="status">Searching the tailnet and the network…</p>;
  if (found.length === 0) {
    return (
      <p role="status">
        No machine was found. On the other one run <code>peernet pair --open</code>
      </p>
    );
  }
  return (
    <ul class="found">
      {found.map((candidate) => {
        const why = whyNot(candidate);
        return (
          <li key={candidate.fingerprint}>
            <button
              type="button"
              class="row"
              disabled={why !== null}
              onClick={() => choose(candidate)}
            >
              <b>
                <Foreign text={candidate.name} />
              </b>
              <small>
                {candidate.source}, {candidate.address}
                {candidate.login !== null && `, ${candidate.login}`}
              </small>
              <small class={why === null ? "open" : ""}>{why ?? "window open"}</small>
            </button>
          </li>
        );
      })}
    </ul>
  );
};

function whyNot({ refusal, window_open, paired }: Candidate): string | null {
  if (refusal !== null) return `would be refused: ${refusal}`;
  if (window_open) return null;
  return paired === null
    ? "no window open; there run: peernet pair --open"
    : `paired as ${paired}; no window open`;
}

function Typed({
  label,
  button,
  accepts,
  take,
  isCode = false,
}: {
  readonly label: string;
  readonly button: string;
  readonly accepts: RegExp;
  readonly take: (text: string) => Promise<void>;
  readonly isCode?: boolean;
}) {
  const text = useSignal("");
  const isBusy = useSignal(false);
  return (
    <form
      class={isCode ? "typed code-typed" : "typed"}
      onSubmit={async (event) => {
        event.preventDefault();
        if (!accepts.test(text.value.trim()) || isBusy.value) return;
        isBusy.value = true;
        await take(text.value.trim());
        isBusy.value = false;
      }}
    >
      <label>
        {label}
        <input
          value={text.value}
          inputMode={isCode ? "numeric" : "text"}
          maxLength={isCode ? 7 : 262}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <button
        type="submit"
        class="primary"
        disabled={isBusy.value || !accepts.test(text.value.trim())}
      >
        {button}
      </button>
    </form>
  );
}
