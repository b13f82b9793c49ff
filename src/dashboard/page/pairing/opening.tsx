/** An open pairing window: its code in large digits, its time left, and its end. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { windowLifeMs } from "../../../contract/limits.ts";
import { left } from "../../../contract/text/words.ts";
import { now, pause } from "../state/browser.ts";
import { dialog } from "../state/selection.ts";
import { Failed, Foreign } from "../ui.tsx";
import { PairedNow } from "./paired.tsx";
import { closeWindow, hasCode, openedHere, openHere, type Shown } from "./window.ts";

const tickMs = 250;

/** Shows the code of the window that this page has open, and opens one when it has none. */
export function ShowCode() {
  useEffect(() => {
    if (!hasCode()) void openHere();
  }, []);
  const told = openedHere.value;
  if (told === null) return <p>Opening…</p>;
  const { shown, paired, end, error, said } = told;
  if (error !== null) return <Failed error={error} />;
  if (paired !== null) return <PairedNow paired={paired} />;
  if (shown === null) return <p>Opening…</p>;
  return (
    <div class="code-shown">
      {end === null ? <Code shown={shown} attempts={told.attempts} /> : <p>{end}</p>}
      <Said lines={said} />
    </div>
  );
}

function Code({
  shown: { code, addresses, fingerprint, expires_in_ms, toldMs },
  attempts,
}: {
  readonly shown: Shown & { readonly toldMs: number };
  readonly attempts: number;
}) {
  const leftMs = useSignal(windowLifeMs);
  useEffect(() => {
    let isGone = false;
    const count = async (): Promise<void> => {
      while (!isGone) {
        leftMs.value = expires_in_ms - (now() - toldMs);
        await pause(tickMs);
      }
    };
    void count();
    return () => {
      isGone = true;
    };
  }, [leftMs, expires_in_ms, toldMs]);
  return (
    <>
      <p>
        On the other machine run <code>peernet pair</code>, and type
      </p>
      <output class="code" aria-label={`Pairing code ${[...code].join(" ")}`}>
        <span>{code.slice(0, 3)}</span>
        <span>-</span>
        <span>{code.slice(3)}</span>
      </output>
      <progress max={windowLifeMs} value={Math.max(0, leftMs.value)} aria-label="Time left" />
      <p class="left">
        <b>{left(leftMs.value)}</b> left, <b>{attempts}</b> attempts left
      </p>
      <p class="why">
        {addresses.join(", ")}
        <br />
        <code class="fingerprint">{fingerprint}</code>
      </p>
      <Endings />
    </>
  );
}

const Endings = () => (
  <div class="actions">
    <button
      type="button"
      onClick={() => {
        dialog.value = null;
      }}
    >
      Hide the code
    </button>
    <button
      type="button"
      class="danger"
      onClick={() => {
        dialog.value = null;
        void closeWindow();
      }}
    >
      Close the window
    </button>
  </div>
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
