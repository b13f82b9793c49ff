/**
 * Writes counts as OpenMetrics 1.0 text. Holds no handle, no folder and no text of a session; a
 * peer is a number unless the settings name it.
 */

import type { Link } from "../contract/peer.ts";

/** The counts of a machine at an instant. */
export interface MetricFacts {
  readonly version: string;
  readonly startedAtMs: number;
  /** Live handles by the state of their session. */
  readonly sessions: Readonly<Record<string, number>>;
  readonly peers: readonly {
    /** Its number here, or its name. */
    readonly label: string;
    readonly link: Link;
    readonly roundTripMs: number | null;
    /** Entries that wait for it, and those of them that are set aside. */
    readonly waiting: number;
    readonly stuck: number;
  }[];
  readonly expected: number;
  readonly isWindowOpen: boolean;
  readonly records: number;
  /** Asks since the daemon started, by direction and outcome. */
  readonly asks: readonly {
    readonly direction: string;
    readonly outcome: string;
    readonly count: number;
  }[];
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "info";
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The text of the counts. */
export const openMetrics = (facts: MetricFacts): string =>
  `${familiesOf(facts).flatMap(linesOf).join("\n")}\n# EOF\n`;

const links: readonly Link[] = ["up", "down", "one-way", "refused"];

const familiesOf = (facts: MetricFacts): readonly Family[] => [
  ...ofMachine(facts),
  ...ofPeers(facts),
  ...counters(facts),
];

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...{ name: `peernet_${name}`, type: "gauge", help, samples },
});

const seconds = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...gauge(`${name}_seconds`, help, samples),
  unit: "seconds",
});

const ofMachine = (facts: MetricFacts): readonly Family[] => [
  {
    ...{ name: "peernet_build", type: "info", help: "The version that runs." },
    samples: [[{ version: facts.version }, 1]],
  },
  seconds("start_time", "When the daemon started, since 1970.", [[{}, facts.startedAtMs / 1_000]]),
  gauge(
    "sessions",
    "Live sessions by state.",
    Object.entries(facts.sessions).map(([state, count]) => [{ state }, count]),
  ),
  gauge("expected_machines", "Machines that are trusted and have not met this one.", [
    [{}, facts.expected],
  ]),
  gauge("pairing_window_open", "1 while a pairing window is open.", [
    [{}, facts.isWindowOpen ? 1 : 0],
  ]),
];

const ofPeers = ({ peers }: MetricFacts): readonly Family[] => [
  gauge(
    "peers",
    "Paired machines by link.",
    links.map((link) => [{ link }, peers.filter((peer) => peer.link === link).length]),
  ),
  gauge(
    "peer_up",
    "1 while the link to a peer is up.",
    peers.map(({ label, link }) => [{ peer: label }, link === "up" ? 1 : 0]),
  ),
  seconds(
    "peer_round_trip",
    "The last round trip to a peer.",
    peers.flatMap(({ label, roundTripMs }): Sample[] =>
      roundTripMs === null ? [] : [[{ peer: label }, roundTripMs / 1_000]],
    ),
  ),
  gauge(
    "outbox_entries",
    "Entries that wait for a peer; stuck ones are set aside.",
    peers.flatMap(({ label, waiting, stuck }): Sample[] => [
      [{ peer: label, state: "waiting" }, waiting - stuck],
      [{ peer: label, state: "stuck" }, stuck],
    ]),
  ),
];

const counters = ({ records, asks }: MetricFacts): readonly Family[] => [
  {
    ...{ name: "peernet_audit_records", type: "counter", help: "Records of the audit trail." },
    samples: [[{}, records]],
  },
  {
    ...{ name: "peernet_asks", type: "counter", help: "Asks since the start, by outcome." },
    samples: asks.map(({ direction, outcome, count }) => [{ direction, outcome }, count]),
  },
];

const suffixes = { gauge: "", counter: "_total", info: "_info" } as const;

function linesOf({ name, type, unit, help, samples }: Family): readonly string[] {
  if (samples.length === 0) return [];
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map(([labels, value]) => `${name}${suffixes[type]}${labelsOf(labels)} ${value}`),
  ];
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
