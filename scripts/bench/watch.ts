/**
 * How long a change takes from a session's call to the line of the change feed that tells it: on
 * the daemon's own socket, and through the dashboard's server, beside the reply to that call.
 * Three processes: the daemon, the dashboard, and this one as session and page.
 * usage: watch.ts [EVENTS] [EXECUTABLE]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/client.ts";

const events = Number(process.argv[2] ?? 200);
const executable = process.argv[3] ?? join(import.meta.dir, "../../dist/peernet");
const home = mkdtempSync(join(tmpdir(), "peernet-bench-"));
const environment = {
  PATH: process.env.PATH ?? "",
  HOME: home,
  PEERNET_HOME: home,
  PEERNET_MACHINE_NAME: "bench",
  PEERNET_LISTEN_PORT: "0",
  PEERNET_LISTEN_ADDRESSES: "127.0.0.1",
};
const { calls } = connect(join(home, "control.sock"));

/** When the text of each event was first seen, in milliseconds of this process. */
type Seen = Map<string, number>;

function note(seen: Seen, text: string): void {
  const now = performance.now();
  for (const [found] of text.matchAll(/event-\d+-/g)) if (!seen.has(found)) seen.set(found, now);
}

async function page(): Promise<{ readonly seen: Seen; readonly end: () => Promise<unknown> }> {
  const served = Bun.spawn([executable, "dashboard", "--no-open"], {
    env: environment,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const { value } = await served.stdout.getReader().read();
  const { origin, hash } = new URL(new TextDecoder().decode(value).trim());
  const post = (path: string, body: object, more: Record<string, string> = {}) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin, ...more },
      body: JSON.stringify(body),
      timeout: false,
    });
  const exchanged = await post("/session", { secret: hash.slice(1) });
  const { bearer } = Object(await exchanged.json());
  const stream = await post("/v1/watch", {}, { authorization: `Bearer ${bearer}` });
  const seen: Seen = new Map();
  const read = async (): Promise<void> => {
    for await (const text of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      note(seen, text);
    }
  };
  void read().catch(() => undefined);
  const end = (): Promise<unknown> => {
    served.kill("SIGINT");
    return served.exited;
  };
  return { seen, end };
}

function socket(): Seen {
  const seen: Seen = new Map();
  const read = async (): Promise<void> => {
    for await (const event of calls.watch({})) note(seen, JSON.stringify(event));
  };
  void read().catch(() => undefined);
  return seen;
}

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);

function row(name: string, times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  const cells = [at(sorted, 0.5), at(sorted, 0.95), at(sorted, 1)];
  return [name.padEnd(34), ...cells.map((cell) => cell.padStart(8)), `${sorted.length}`].join(" ");
}

Bun.spawnSync([executable, "start"], { env: environment });
try {
  const pid = String(process.pid);
  const activate = [executable, "activate", "hydrate", "--pid", pid, "--cwd", home];
  if (Bun.spawnSync(activate, { env: environment }).exitCode !== 0) throw new Error("no handle");
  const own = socket();
  const { seen: through, end } = await page();
  await Bun.sleep(500);
  const begun: Seen = new Map();
  const replied: number[] = [];
  for (let done = 0; done < events; done += 1) {
    const name = `event-${done}-`;
    begun.set(name, performance.now());
    await calls.summary({ selector: { name: "hydrate" }, text: name });
    replied.push(performance.now() - (begun.get(name) ?? 0));
    await Bun.sleep(20);
  }
  await Bun.sleep(200);
  const since = (seen: Seen): number[] =>
    [...seen].map(([name, when]) => when - (begun.get(name) ?? Number.NaN));
  console.log(`from a session's call, in ms; load ${loadavg()[0]?.toFixed(1)}`);
  console.log(
    ["".padEnd(34), ..."p50 p95 max".split(" ").map((p) => p.padStart(8)), "n"].join(" "),
  );
  console.log(row("to its reply", replied));
  console.log(row("to the line on the daemon's socket", since(own)));
  console.log(row("to the line in the page's stream", since(through)));
  await end();
} finally {
  Bun.spawnSync([executable, "stop"], { env: environment });
  rmSync(home, { recursive: true, force: true });
}
process.exit(0);
