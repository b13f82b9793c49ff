/** Pairing from the page: show a code here, or type the code that another machine shows. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { attemptsMax, windowLifeMs } from "../../contract/limits.ts";
import type { OpenEvent, Paired } from "../../contract/pairing.ts";
import { now, pause } from "./browser.ts";
import { Join } from "./joining.tsx";
import { Failed, Foreign } from "./parts.tsx";
import { dialog } from "./selection.ts";
import { type Failure, listen } from "./session.ts";
import { left } from "./words.ts";

/** The dialog. */
export function PairDialog() {
  const frame = useRef<HTMLDialogElement>(null);
  const way = useSignal<"choose" | "show" | "type">("choose");
  const isOpen = dialog.value === "pair";
  useEffect(() => {
    if (isOpen) {
      way.value = "choose";
      frame.current?.showModal();
    } else frame.current?.close();
  }, [isOpen, way]);
  return (
    <dialog
      ref={frame}
      class="pair"
      aria-labelledby="pair-title"
      onClose={() => {
        dialog.value = null;
        way.value = "choose";
      }}
    >
      <header>
        <h2 id="pair-title">Pair a machine</h2>
        <button
          type="button"
          class="close"
          aria-label="Close"
          onClick={() => frame.current?.close()}
        >
          ×
        </button>
      </header>
      {isOpen && way.value === "choose" && (
        <div class="ways">
          <button
            type="button"
            class="way"
            onClick={() => {
              way.value = "show";
            }}
          >
            <b>Show a code here</b>
            <small>You will type it on the other machine, where you run: peernet pair</small>
          </button>
          <button
            type="button"
            class="way"
            onClick={() => {
              way.value = "type";
            }}
          >
            <b>Type a code</b>
            <small>The other machine shows it already</small>
          </button>
        </div>
      )}
      {isOpen && way.value === "show" && <ShowCode />}
      {isOpen && way.value === "type" && <Join />}
    </dialog>
  );
}

type Shown = Extract<OpenEvent, { event: "opened" }>;

const endings: Readonly<Record<"burned" | "expired" | "closed", string>> = {
  burned: "The window burned after 3 wrong codes.",
  expired: "The window expired; nobody typed the code.",
  closed: "The window was closed: another one was opened, or the daemon stopped.",
};

/** Opens a window for as long as it is shown. */
function ShowCode() {
  const opened = useSignal<(Shown & { readonly toldMs: number }) | null>(null);
  const attempts = useSignal(attemptsMax);
  const said = useSignal<readonly string[]>([]);
  const end = useSignal<string | null>(null);
  const paired = useSignal<Paired | null>(null);
  const error = useSignal<Failure | null>(null);
  const leftMs = useSignal(windowLifeMs);
  useEffect(() => {
    const leaving = new AbortController();
    const take = (event: OpenEvent): void => {
      if (event.event === "opened") opened.value = { ...event, toldMs: now() };
      else if (event.event === "paired") paired.value = event;
      else if (event.event === "attempt_failed") attempts.value = event.attempts_left;
      else if (event.event === "burned" || event.event === "expired" || event.event === "closed") {
        end.value = endings[event.event];
      }
      const line = lineOf(event);
      if (line !== null) said.value = [line, ...said.value].slice(0, 4);
    };
    const input = { grant: ["ask" as const], from: null, any_user: false };
    void listen("pair/open", input, { listener: { event: take }, signal: leaving.signal }).then(
      (failure) => {
        if (failure !== null && !leaving.signal.aborted) error.value = failure;
      },
    );
    void countdown(leaving.signal, () => {
      const shown = opened.value;
      if (shown !== null) leftMs.value = shown.expires_in_ms - (now() - shown.toldMs);
    });
    return () => leaving.abort();
  }, [opened, attempts, said, end, paired, error, leftMs]);
  if (error.value !== null) return <Failed error={error.value} />;
  if (paired.value !== null) return <PairedNow paired={paired.value} />;
  if (end.value !== null) {
    return (
      <>
        <p>{end.value}</p>
        <ul class="said">
          {said.value.map((line) => (
            <li key={line}>
              <Foreign text={line} />
            </li>
          ))}
        </ul>
      </>
    );
  }
  if (opened.value === null) return <p>Opening…</p>;
  const { code, addresses, fingerprint } = opened.value;
  return (
    <div class="code-shown">
      <p>
        On the other machine run <code>peernet pair</code>, and type
      </p>
      <output class="code" aria-label={`Pairing code ${[...code].join(" ")}`}>
        <span>{code.slice(0, 3)}</span>
        <span>{code.slice(3)}</span>
      </output>
      <progress max={windowLifeMs} value={Math.max(0, leftMs.value)} aria-label="Time left" />
      <p class="left">
        <b>{left(leftMs.value)}</b> left, <b>{attempts.value}</b> attempts left. Closing this closes
        the window.
      </p>
      <ul class="said">
        {said.value.map((line) => (
          <li key={line}>
            <Foreign text={line} />
          </li>
        ))}
      </ul>
      <p class="why">
        {addresses.join(", ")}
        <br />
        <code class="fingerprint">{fingerprint}</code>
      </p>
    </div>
  );
}

async function countdown(signal: AbortSignal, move: () => void): Promise<void> {
  while (!signal.aborted) {
    move();
    await pause(250);
  }
}

function lineOf(event: OpenEvent): string | null {
  if (event.event === "attempt_failed") return `Wrong code from ${event.from}`;
  if (event.event === "origin_refused") return `${event.from} was refused: ${event.reason}`;
  if (event.event === "evicted") return `An unfinished attempt from ${event.from} made place`;
  if (event.event === "unacknowledged")
    return `${event.from} typed the code; waiting to hear of it`;
  if (event.event === "burned") return `Codes came from ${event.from.join(", ")}`;
  return null;
}

/** Two machines are paired. */
export const PairedNow = ({ paired: { peer, visible } }: { readonly paired: Paired }) => (
  <div class="paired" role="status">
    <p class="big">Paired with {peer.name}</p>
    <code class="fingerprint">{peer.fingerprint}</code>
    {peer.look_alike !== null && (
      <p class="failed">
        {peer.look_alike.name} is another machine: <code>{peer.look_alike.fingerprint}</code>
      </p>
    )}
    <p>
      {peer.grants.theirs.length > 0 ? "It may ask " : "It may not ask; live here: "}
      {visible.length === 0 ? "no live handles yet" : visible.join(", ")}
    </p>
    <button
      type="button"
      class="primary"
      onClick={() => {
        dialog.value = null;
      }}
    >
      Done
    </button>
  </div>
);
