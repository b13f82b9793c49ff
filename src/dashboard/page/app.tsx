/** The page: takes the secret, begins the session, shows the tab that is open. */

import { render } from "preact";
import { Activity } from "./activity/activity.tsx";
import { keepTrail } from "./activity/trail.ts";
import { Builder } from "./builder/builder.tsx";
import { NoSession } from "./map/empty.tsx";
import { MapView } from "./map/map.tsx";
import { PairDialog } from "./pairing/pairing.tsx";
import { Panel } from "./panel/panel.tsx";
import { Tables } from "./panel/table.tsx";
import { takeSecret } from "./state/browser.ts";
import { asTable, dialog, opened, tab, tabs } from "./state/selection.ts";
import { begin } from "./state/server.ts";
import {
  command,
  connection,
  follow,
  machine,
  overReason,
  registrations,
  tick,
} from "./state/state.ts";
import { keepRest } from "./state/stillness.ts";
import { Copyable } from "./ui.tsx";

function App() {
  if (connection.value === "over") return <NoSession why={overReason.value} />;
  return (
    <>
      <Header />
      {connection.value === "daemon_down" && <Outage />}
      {tab.value === "map" && <MapTab />}
      {tab.value === "activity" && <Activity />}
      {tab.value === "builder" && <Builder />}
      <PairDialog />
    </>
  );
}

const names = { map: "Map", activity: "Activity", builder: "Builder" } as const;

const Header = () => (
  <header class="top">
    <a class="skip" href="#main">
      Skip to content
    </a>
    <span class="brand">
      <Logo />
      peernet
    </span>
    <nav aria-label="Views">
      {tabs.map((each) => (
        <button
          key={each}
          type="button"
          aria-current={tab.value === each ? "page" : undefined}
          onClick={() => {
            tab.value = each;
          }}
        >
          {names[each]}
        </button>
      ))}
    </nav>
    <span class={`connection ${connection.value}`} role="status">
      <i aria-hidden="true" />
      <span>{connection.value === "live" ? machine.value?.name : states[connection.value]}</span>
    </span>
    <button
      type="button"
      class="pair-button"
      onClick={() => {
        dialog.value = "pair";
      }}
    >
      Pair
    </button>
  </header>
);

const states = {
  starting: "connecting",
  live: "live",
  daemon_down: "daemon not running",
  over: "no session",
} as const;

const Logo = () => (
  <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true">
    <circle class="ring" cx="13" cy="13" r="11" />
    <circle class="sun" cx="13" cy="13" r="4" />
    <circle class="moon" cx="20.8" cy="5.2" r="2.6" />
  </svg>
);

const Outage = () => (
  <div class="outage" role="alert">
    <p>
      <b>The daemon is not running.</b> What is shown is what was last told. This page goes on by
      itself once it runs again.
    </p>
    <Copyable text="peernet start" label="the command that starts the daemon" />
  </div>
);

const MapTab = () => (
  <main class={isPanelShown() ? "map-tab" : "map-tab wide"} id="main">
    <h1 class="hidden">Map</h1>
    <div class="stage">
      <fieldset class="switch-view" aria-label="Shown as">
        {[false, true].map((table) => (
          <button
            key={String(table)}
            type="button"
            aria-pressed={asTable.value === table}
            onClick={() => {
              asTable.value = table;
            }}
          >
            {table ? "Table" : "Map"}
          </button>
        ))}
      </fieldset>
      {asTable.value ? <Tables /> : <MapView />}
      {!asTable.value && <Legend />}
    </div>
    {isPanelShown() && <Panel />}
  </main>
);

/** Tables need the width, until something is opened. */
const isPanelShown = (): boolean => !asTable.value || opened.value !== null;

const legend = [
  ["up", "live link"],
  ["down", "dark"],
  ["beat", "heartbeat"],
  ["ask", "ask"],
] as const;

const Legend = () => (
  <ul class="legend" aria-label="Legend">
    {legend.map(([kind, text]) => (
      <li key={kind} class={kind}>
        <i aria-hidden="true" />
        {text}
      </li>
    ))}
  </ul>
);

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (root === null) return;
  const secret = takeSecret();
  if (secret === null) connection.value = "over";
  render(<App />, root);
  void keepRest();
  if (secret === null) return;
  const begun = await begin(secret);
  if (!begun.ok) {
    overReason.value = begun.error.code === "session_over" ? usedLink : begun.error.message;
    connection.value = "over";
    return;
  }
  command.value = begun.value.command;
  registrations.value = begun.value.registrations;
  keepTrail();
  void tick();
  await follow();
}

const usedLink = "this link was used or is too old";

void start();
