/** An open pairing window: its code in large digits, its time left, and its end. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { attemptsMax, windowLifeMs } from "../../../contract/limits.ts";
import type { OpenEvent, Paired } from "../../../contract/pairing.ts";
import { left } from "../../../contract/text/words.ts";
import { now, pause } from "../state/browser.ts";
import { type Failure, listen } from "../state/server.ts";
import { Failed, Foreign } from "../ui.tsx";
import { PairedNow } from "./paired.tsx";

type Shown = Extract<OpenEvent, { event: "opened" }>;

/** The window's state from its events so far. */
interface Told {
  readonly shown: (Shown & { readonly toldMs: number }) | null;
  readonly attempts: number;
  /** Events in words, newest first. */
  readonly said: readonly string[];
  readonly end: string | null;
  readonly paired: Paired | null;
  readonly error: Failure | null;
}

const nothing: Told = {
  shown: null,
  attempts: attemptsMax,
  said: [],
  end: null,
  paired: null,
  error: null,
};
const saidMax = 4;

const endings: Readonly<Record<string, string>> = {
  burned: `The window burned after ${attemptsMax} wrong codes.`,
  expired: "The window expired; nobody typed the code.",
  closed: "The window was closed: another one was opened, or the daemon stopped.",
};

/** The state after one more event. */
function after(told: Told, event: OpenEvent): Told {
  const line = lineOf(event);
  return {
    ...told,
    said: line === null ? told.said : [line, ...told.said].slice(0, saidMax),
    shown: event.event === "opened" ? { ...event, toldMs: now() } : told.shown,
    attempts: event.event === "attempt_failed" ? event.attempts_left : told.attempts,
    end: endings[event.event] ?? told.end,
    paired: event.event === "paired" ? event : told.paired,
  };
}

function lineOf(event: OpenEvent): string | null {
  if (event.event === "attempt_failed") return `Wrong code from ${event.from}`;
  if (event.event === "origin_refused") return `${event.from} was refused: ${event.reason}`;
  if (event.event === "evicted") return `An unfinished attempt from ${event.from} made place`;
  if (event.event === "unacknowledged") {
    return `${event.from} typed the code; waiting to hear of it`;
  }
  if (event.event === "burned") return `Codes came from ${event.from.join(", ")}`;
  return null;
}

const tickMs = 250;

/** Opens a window while the dialog is open. */
export function ShowCode() {
  const told = useSignal(nothing);
  const leftMs = useSignal(windowLifeMs);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const event = (next: OpenEvent): void => {
      told.value = after(told.value, next);
    };
    const input = { grant: ["ask" as const], from: null, any_user: false };
    void listen("pair/open", input, { listener: { event }, signal }).then((error) => {
      if (error !== null && !signal.aborted) told.value = { ...told.value, error };
    });
    const count = async (): Promise<void> => {
      while (!signal.aborted) {
        const { shown } = told.value;
        if (shown !== null) leftMs.value = shown.expires_in_ms - (now() - shown.toldMs);
        await pause(tickMs);
      }
    };
    void count();
    return () => leaving.abort();
  }, [told, leftMs]);
  const { shown, paired, end, error, said } = told.value;
  if (error !== null) return <Failed error={error} />;
  if (paired !== null) return <PairedNow paired={paired} />;
  if (shown === null) return <p>Opening…</p>;
  return (
    <div class="code-shown">
      {end === null ? (
        <Code shown={shown} attempts={told.value.attempts} leftMs={leftMs.value} />
      ) : (
        <p>{end}</p>
      )}
      <Said lines={said} />
    </div>
  );
}

const Code = ({
  shown: { code, addresses, fingerprint },
  attempts,
  leftMs,
}: {
  readonly shown: Shown;
  readonly attempts: number;
  readonly leftMs: number;
}) => (
  <>
    <p>
      On the other machine run <code>peernet pair</code>, and type
    </p>
    <output class="code" aria-label={`Pairing code ${[...code].join(" ")}`}>
      <span>{code.slice(0, 3)}</span>
      <span>-</span>
      <span>{code.slice(3)}</span>
    </output>
    <progress max={windowLifeMs} value={Math.max(0, leftMs)} aria-label="Time left" />
    <p class="left">
      <b>{left(leftMs)}</b> left, <b>{attempts}</b> attempts left. Closing this closes the window.
    </p>
    <p class="why">
      {addresses.join(", ")}
      <br />
      <code class="fingerprint">{fingerprint}</code>
    </p>
  </>
);

const Said = ({ lines }: { readonly lines: readonly string[] }) => (
  <ul class="said" aria-live="polite">
    {lines.map((line, index) => (
      <li key={lines.length - index}>
        <Foreign text={line} />
      </li>
    ))}
  </ul>
);
