/** Metrics: who reads them, and what they never hold. */

import { expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { machine, pair, session } from "../../support/daemon.ts";
import { hasProgram, skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";

/** A free port, as far as is known. */
function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const { port } = server;
  server.stop(true);
  return port;
}

test("metrics() counts by kind, and holds no name, handle, folder or fingerprint", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await mini.calls.activate(session({ summary: "a secret plan" }));
  await pair(mini, laptop);
  await laptop.calls.ask({ handle: "mini/hydrate", question: "why", thread_id: null });
  await until("the link is up", async () => (await mini.calls.peers({})).peers[0]?.link === "up");
  const { text } = await mini.calls.metrics({});
  for (const line of [
    'peernet_sessions{state="unknown"} 1',
    'peernet_peers{link="up"} 1',
    'peernet_peer_up{peer="1"} 1',
    'peernet_asks_total{direction="in",outcome="ok"} 1',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  for (const never of ["laptop", "mini", "hydrate", "secret", "why", "sha256:", mini.address]) {
    expect(text).not.toContain(never);
  }
});

test("metrics name peers only where the settings say so", async () => {
  await using mini = await machine("mini", { metrics: { listen: "", names: true } });
  await using laptop = await machine("laptop");
  await pair(mini, laptop);
  expect((await mini.calls.metrics({})).text).toContain('peernet_peer_up{peer="laptop"}');
});

const promise =
  "P65: Metrics are read by this user alone, or at a port with the bearer, and by no page.";

test(promise, async () => {
  const port = freePort();
  const listen = `127.0.0.1:${port}`;
  await using mini = await machine("mini", { metrics: { listen, names: false } });
  const token = join(mini.home, "metrics.token");
  expect(statSync(token).mode & 0o777).toBe(0o600);
  const bearer = readFileSync(token, "utf8").trim();
  const url = `http://${listen}/metrics`;
  const get = async (headers: Record<string, string>, at = url) =>
    (await fetch(at, { headers })).status;
  const authorization = `Bearer ${bearer}`;
  const read = await fetch(url, { headers: { authorization } });
  expect([read.status, read.headers.get("content-type")]).toEqual([
    200,
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  ]);
  expect(await read.text()).toEndWith("# EOF\n");
  // Another user of this machine has no bearer.
  expect(await get({})).toBe(401);
  expect(await get({ authorization: "Bearer x" })).toBe(401);
  expect(await get({ authorization: `${authorization}x` })).toBe(401);
  // A page that knows the bearer, or whose name resolves here, is refused all the same.
  expect(await get({ authorization, origin: "https://evil.example" })).toBe(403);
  expect(await get({ authorization, referer: "https://evil.example/" })).toBe(403);
  expect(await get({ authorization, host: `evil.example:${port}` })).toBe(403);
  expect(await get({ authorization }, `http://${listen}/other`)).toBe(404);
});

const canSwitch = process.geteuid?.() === 0 && hasProgram("setpriv") && hasProgram("curl");

skipUnless(canSwitch, "another user needs root, setpriv and curl")(
  "the socket of metrics answers its user, and no other one",
  async () => {
    await using mini = await machine("mini", { metrics: { listen: "unix", names: false } });
    const path = join(mini.home, "metrics.sock");
    const read = await fetch("http://metrics/metrics", { unix: path });
    expect([read.status, (await read.text()).endsWith("# EOF\n")]).toEqual([200, true]);
    expect(statSync(path).mode & 0o077).toBe(0);
    const words = ["curl", "-s", "--unix-socket", path, "http://metrics/metrics"];
    const exitOf = (before: readonly string[]) =>
      Bun.spawn([...before, ...words], { stdout: "ignore" }).exited;
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    // curl exits 7 where it cannot connect.
    expect([await exitOf([]), await exitOf(nobody)]).toEqual([0, 7]);
    // Even in a folder that others may enter, the socket itself is closed to them.
    chmodSync(mini.home, 0o755);
    expect(await exitOf(nobody)).toBe(7);
    chmodSync(mini.home, 0o700);
  },
);

test("a port of metrics that is taken is logged, and the daemon runs without it", async () => {
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const listen = `127.0.0.1:${other.port}`;
  await using mini = await machine("mini", { metrics: { listen, names: false } });
  expect((await mini.calls.metrics({})).text).toEndWith("# EOF\n");
  expect(readFileSync(join(mini.home, "daemon.log"), "utf8")).toContain("metrics_not_served");
  other.stop(true);
});
