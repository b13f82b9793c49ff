/** This machine: what it is, what is missing, what happened lately. */

import { left } from "../../../contract/text/words.ts";
import { Entry } from "../activity/record.tsx";
import { newestLines } from "../activity/trail.ts";
import { Empty } from "../map/empty.tsx";
import { dialog, tab } from "../state/selection.ts";
import { elapsed, machine, own, pairingWindow, peers } from "../state/state.ts";
import { Fact } from "../ui.tsx";

/** The panel when no part of the map is looked at. */
export function Overview() {
  const here = machine.value;
  if (here === null) return null;
  const up = peers.value.filter(({ value }) => value.link === "up").length;
  return (
    <>
      <header>
        <p class="over-title">This machine</p>
        <h2>{here.name}</h2>
      </header>
      <ul class="counts">
        <Count value={own.value.length} name={own.value.length === 1 ? "handle" : "handles"} />
        <Count value={peers.value.length} name={peers.value.length === 1 ? "peer" : "peers"} />
        <Count value={up} name="up now" />
      </ul>
      <OpenWindow />
      <Empty />
      <dl>
        <Fact name="Fingerprint">
          <code class="fingerprint">{here.fingerprint}</code>
        </Fact>
        <Fact name="Listens on">{here.listen.join(", ") || "nothing"}</Fact>
        <Fact name="Version">{here.version}</Fact>
      </dl>
      <Lately />
      <div class="actions">
        <button
          type="button"
          class="primary"
          onClick={() => {
            dialog.value = "pair";
          }}
        >
          Pair a machine
        </button>
      </div>
    </>
  );
}

const Count = ({ value, name }: { readonly value: number; readonly name: string }) => (
  <li>
    <b>{value}</b> {name}
  </li>
);

function OpenWindow() {
  const told = pairingWindow.value;
  if (!told.value.open) return null;
  return (
    <p class="opening">
      A pairing window is open: {left(told.value.expires_in_ms - elapsed(told))} left,{" "}
      {told.value.attempts_left} attempts left
    </p>
  );
}

const latelyMax = 6;

const Lately = () =>
  newestLines.value.length === 0 ? null : (
    <section class="lately">
      <h3>Lately</h3>
      <ol>
        {newestLines.value.slice(0, latelyMax).map(({ record }) => (
          <li key={record.seq}>
            <Entry record={record} />
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
