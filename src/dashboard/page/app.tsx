/** The page: takes the secret, begins the session, shows the open tab. */

import { type ComponentType, render } from "preact";
import { Activity } from "./activity/activity.tsx";
import { keepTrail } from "./activity/trail.ts";
import { Builder } from "./builder/builder.tsx";
import { Files } from "./files/files.tsx";
import { NoSession } from "./map/empty.tsx";
import { MapView } from "./map/map.tsx";
import { keepMail } from "./messages/mail.ts";
import { Messages } from "./messages/messages.tsx";
import { PairDialog } from "./pairing/pairing.tsx";
import { hasCode } from "./pairing/window.ts";
import { Panel } from "./panel/panel.tsx";
import { Sessions } from "./sessions/sessions.tsx";
import { onLeaving, takeSecret } from "./state/browser.ts";
import { dialog, type Tab, tab, tabs } from "./state/selection.ts";
import { begin, sayLeaving } from "./state/server.ts";
import {
  command,
  connection,
  follow,
  machine,
  overReason,
  peers,
  registrations,
  taskStanding,
  tick,
  waitingMail,
} from "./state/state.ts";
import { keepTasks } from "./tasks/read.ts";
import { Tasks } from "./tasks/tasks.tsx";
import { Copyable, Mark } from "./ui.tsx";

function App() {
  const View = views[tab.value];
  if (connection.value === "over") return <NoSession why={overReason.value} />;
  return (
    <>
      <Header />
      {connection.value === "daemon_down" && <Outage />}
      <View />
      <PairDialog />
    </>
  );
}

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
      {Object.entries(tabs).map(([each, name]) => (
        <button
          key={each}
          type="button"
          aria-current={tab.value === each ? "page" : undefined}
          onClick={() => {
            // The keys of the table are the tabs.
            tab.value = each as Tab;
          }}
        >
          {name}
          <Count of={each === "messages" ? waitingMail.value : each === "tasks" ? held() : 0} />
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
        dialog.value = hasCode() ? "code" : "pair";
      }}
    >
      {hasCode() ? "Code" : "Pair"}
    </button>
  </header>
);

const held = (): number => taskStanding.value?.held ?? 0;

const Count = ({ of }: { readonly of: number }) => (of > 0 ? <b class="count"> {of}</b> : null);

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
  <main class="split map-tab" id="main">
    <h1 class="hidden">Map</h1>
    <div class="stage">
      <MapView />
      <Legend />
    </div>
    <Panel />
  </main>
);

const legend = ["working", "waiting", "idle", "down"];

const Legend = () => (
  <ul class="legend" aria-label="Legend">
    {legend.map((kind) => (
      <li key={kind}>
        <Mark kind={kind} text={kind} />
      </li>
    ))}
    {peers.value.some(({ value }) => value.handles.some(({ overlaps }) => overlaps)) && (
      <li>
        <Mark kind="shared" text="same file changed" />
      </li>
    )}
  </ul>
);

const views: Readonly<Record<Tab, ComponentType>> = {
  sessions: Sessions,
  map: MapTab,
  messages: Messages,
  tasks: Tasks,
  activity: Activity,
  builder: Builder,
  files: Files,
};

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (root === null) return;
  const secret = takeSecret();
  render(<App />, root);
  const begun = await begin(secret);
  if (!begun.ok) {
    const isUsed = secret !== null && begun.error.code === "session_over";
    overReason.value = isUsed ? usedLink : begun.error.message;
    connection.value = "over";
    return;
  }
  command.value = begun.value.command;
  registrations.value = begun.value.registrations;
  onLeaving(sayLeaving);
  keepTrail();
  keepMail();
  keepTasks();
  void tick();
  await follow();
}

const usedLink = "This link was used or is too old";

void start();
