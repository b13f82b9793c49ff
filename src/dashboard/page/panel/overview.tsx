/** This machine: its name, its missing parts, its recent records. */

import { left } from "../../../contract/text/words.ts";
import { Entry } from "../activity/record.tsx";
import { newestLines } from "../activity/trail.ts";
import { Empty } from "../map/empty.tsx";
import { closeWindow, hasCode } from "../pairing/window.ts";
import { dialog, tab } from "../state/selection.ts";
import { elapsed, isBlank, machine, pairingWindow } from "../state/state.ts";
import { Fact } from "../ui.tsx";

/** The panel when no part of the map is chosen. */
export function Overview() {
  const here = machine.value;
  if (here === null) return null;
  return (
    <>
      <header>
        <p class="over-title">This machine</p>
        <h2>{here.name}</h2>
      </header>
      <OpenWindow />
      {!(isBlank.value && tab.value === "sessions") && <Empty />}
      <Lately />
      <details class="more">
        <summary>Key, addresses and version</summary>
        <dl>
          <Fact name="Fingerprint">
            <code class="fingerprint">{here.fingerprint}</code>
          </Fact>
          <Fact name="Listens on">{here.listen.join(", ") || "nothing"}</Fact>
          <Fact name="Version">{here.version}</Fact>
        </dl>
      </details>
    </>
  );
}

function OpenWindow() {
  const told = pairingWindow.value;
  if (!told.value.open) return null;
  return (
    <section class="opening">
      <p>
        A pairing window is open: {left(told.value.expires_in_ms - elapsed(told))} left,{" "}
        {told.value.attempts_left} attempts left
      </p>
      <div class="actions">
        {hasCode() ? (
          <button
            type="button"
            onClick={() => {
              dialog.value = "code";
            }}
          >
            Show its code
          </button>
        ) : (
          <p class="why">Its code is shown where it was opened.</p>
        )}
        <button type="button" onClick={() => void closeWindow()}>
          Close the window
        </button>
      </div>
    </section>
  );
}

const latelyMax = 6;

const Lately = () =>
  newestLines.value.length === 0 ? null : (
    <section class="lately">
      <h3>Lately</h3>
      <ol>
        {newestLines.value.slice(0, latelyMax).map((line) => (
          <li key={line.record.seq}>
            <Entry line={line} />
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          tab.value = "activity";
        }}
      >
        All activity
      </button>
    </section>
  );
