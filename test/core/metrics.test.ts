import { expect, test } from "bun:test";
import { type MetricFacts, openMetrics } from "../../src/core/metrics.ts";
import { skipUnless } from "../support/skip.ts";

const facts: MetricFacts = {
  version: "0.1.0",
  startedAtMs: 1_700_000_000_500,
  sessions: { working: 2, idle: 1 },
  peers: [
    { label: "1", link: "up", roundTripMs: 12.5, waiting: 3, stuck: 1 },
    { label: "2", link: "down", roundTripMs: null, waiting: 0, stuck: 0 },
  ],
  expected: 4,
  isWindowOpen: true,
  records: 812,
  asks: [
    { direction: "in", outcome: "ok", count: 9 },
    { direction: "out", outcome: "peer_timeout", count: 1 },
  ],
};

test("openMetrics() writes each family once, with its type, and the end", () => {
  const text = openMetrics(facts);
  expect(text.split("\n").filter((line) => !line.startsWith("# HELP"))).toEqual([
    "# TYPE peernet_build info",
    'peernet_build_info{version="0.1.0"} 1',
    "# TYPE peernet_start_time_seconds gauge",
    "# UNIT peernet_start_time_seconds seconds",
    "peernet_start_time_seconds 1700000000.5",
    "# TYPE peernet_sessions gauge",
    'peernet_sessions{state="working"} 2',
    'peernet_sessions{state="idle"} 1',
    "# TYPE peernet_expected_machines gauge",
    "peernet_expected_machines 4",
    "# TYPE peernet_pairing_window_open gauge",
    "peernet_pairing_window_open 1",
    "# TYPE peernet_peers gauge",
    'peernet_peers{link="up"} 1',
    'peernet_peers{link="down"} 1',
    'peernet_peers{link="one-way"} 0',
    'peernet_peers{link="refused"} 0',
    "# TYPE peernet_peer_up gauge",
    'peernet_peer_up{peer="1"} 1',
    'peernet_peer_up{peer="2"} 0',
    "# TYPE peernet_peer_round_trip_seconds gauge",
    "# UNIT peernet_peer_round_trip_seconds seconds",
    'peernet_peer_round_trip_seconds{peer="1"} 0.0125',
    "# TYPE peernet_outbox_entries gauge",
    'peernet_outbox_entries{peer="1",state="waiting"} 2',
    'peernet_outbox_entries{peer="1",state="stuck"} 1',
    'peernet_outbox_entries{peer="2",state="waiting"} 0',
    'peernet_outbox_entries{peer="2",state="stuck"} 0',
    "# TYPE peernet_audit_records counter",
    "peernet_audit_records_total 812",
    "# TYPE peernet_asks counter",
    'peernet_asks_total{direction="in",outcome="ok"} 9',
    'peernet_asks_total{direction="out",outcome="peer_timeout"} 1',
    "# EOF",
    "",
  ]);
});

/** Prometheus's own parser of OpenMetrics, in Python. */
const script = `
import sys, json
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families
print(json.dumps([[f.name, f.type, f.unit, len(f.samples)] for f in families(sys.stdin.read())]))
`;

function parsedBy(python: string, text: string) {
  const ran = Bun.spawnSync([python, "-c", script], { stdin: Buffer.from(text) });
  return { code: ran.exitCode, out: ran.stdout.toString(), err: ran.stderr.toString() };
}

/** A Python with the parser: the first on the path, or the system's, which packages install for. */
const python = ["python3", "/usr/bin/python3"].find(
  (name) => Bun.which(name) !== null && parsedBy(name, "# EOF\n").code === 0,
);
const parsed = (text: string) => parsedBy(python ?? "", text);
const withParser = skipUnless(python !== undefined, "python3 has no prometheus_client");

withParser("openMetrics() is read by the parser of Prometheus, names of any text included", () => {
  const odd = { ...(facts.peers[0] ?? { link: "up" as const }), label: 'a"b\\c\nd' };
  for (const each of [facts, { ...facts, peers: [], asks: [], sessions: {} }, odd]) {
    const text = openMetrics("label" in each ? { ...facts, peers: [odd as never] } : each);
    const { code, out, err } = parsed(text);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toContainEqual(["peernet_audit_records", "counter", "", 1]);
    expect(JSON.parse(out)).toContainEqual(["peernet_start_time_seconds", "gauge", "seconds", 1]);
  }
});
