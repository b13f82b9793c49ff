/** Three hosts, one of them hostile: in the middle, in another's place, or a liar. */

import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { trail } from "../scenario/failing.ts";
import { activate, opening, pairTwo, type Session } from "../scenario/pairing.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { type Machine, machine, port } from "./hosts.ts";
import { canLab, type Lab, lab, noLab } from "./lab.ts";

const test = skipUnless(canLab, noLab);
setDefaultTimeout(30_000);

let hosts: Lab;
let mini: Machine;
let laptop: Machine;
let working: Session;

beforeAll(async () => {
  if (!canLab) return;
  hosts = lab();
  mini = await machine(hosts, { host: "a", name: "mini" });
  laptop = await machine(hosts, { host: "b", name: "laptop" });
  working = await activate(mini, "hydrate");
});

afterAll(async () => {
  if (!canLab) return;
  working[Symbol.dispose]();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
  hosts[Symbol.dispose]();
});

/** A hostile machine on the third host, and its messages. */
interface Hostile extends AsyncDisposable {
  said(): readonly Readonly<Record<string, unknown>>[];
}

async function hostile(...words: readonly string[]): Promise<Hostile> {
  const script = join(import.meta.dir, "hostile.ts");
  const child = Bun.spawn([...hosts.on("c"), process.execPath, script, ...words], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  let text = "";
  const read = (async () => {
    for await (const chunk of child.stdout) text += new TextDecoder().decode(chunk);
  })();
  await until("the hostile machine listens", () => text.includes('"ready"'));
  return {
    said: () =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await read;
    },
  };
}

const third = (): string => `${hosts.address("c")}:${port}`;

/** The lines every joiner prints once a window answered. */
const announcement =
  /^\S+:7337 has a pairing window open \(10\.77\.0\.3:7337\)\nits identity is sha256:\S+\n/;

const peersOf = async (machine: Machine) => (await machine.json(["peers"])) as { peers: unknown[] };

const p7 =
  "P7: A machine in the middle that relays both ways cannot pair, though the code is right.";
test(p7, async () => {
  await using relay = await hostile("relay", hosts.address("a"));
  const window = await opening(mini);
  const typed = await laptop.run(["pair", "-", "--to", third()], { stdin: window.code });
  expect(typed.code).toBe(4);
  expect(typed.out).toBe("");
  expect(typed.err.replace(announcement, "")).toBe(
    "peernet: error: that is not the code shown there\npeernet: hint: peernet pair\n",
  );
  await until("mini tells of it", () => window.events.length > 1);
  const failed = { event: "attempt_failed", from: hosts.address("c"), attempts_left: 2 } as const;
  expect(window.events.slice(1)).toEqual([failed]);
  window.interrupt();
  expect(await window.ended).toBe(130);
  expect(await peersOf(mini)).toEqual({ peers: [] });
  expect(await peersOf(laptop)).toEqual({ peers: [] });
  const read = relay
    .said()
    .map((line) => String(line.read))
    .join("\n");
  expect(read).toContain("/v1/pair/confirm");
  expect(read).not.toContain(window.code);
});

const p8 =
  "P8: A machine that claims to have a window open learns nothing from a typed code but whether one guess was right.";
test(p8, async () => {
  await using told = await hostile("window", "111111");
  const words = ["pair", "-", "--to", third()];
  const typed = await laptop.run(words, { stdin: "222222" });
  expect(typed.code).toBe(4);
  expect(typed.err.replace(announcement, "")).toBe(
    "peernet: error: the other machine could not prove that it knows the code\n" +
      "peernet: hint: compare the fingerprints on both machines, then pair again\n",
  );
  const heard = told.said();
  const confirms = heard.filter((line) => line.path === "/v1/pair/confirm");
  expect(confirms).toHaveLength(1);
  expect(heard.filter((line) => "guessed" in line)).toEqual([{ guessed: false }]);
  expect(JSON.stringify(heard)).not.toContain("222222");
  expect(await peersOf(laptop)).toEqual({ peers: [] });
  // The one thing it can learn: the tag it expects comes exactly when its guess was right.
  await laptop.run(words, { stdin: "111111" });
  const guesses = told.said().filter((line) => "guessed" in line);
  expect(guesses).toEqual([{ guessed: false }, { guessed: true }]);
  expect(await peersOf(laptop)).toEqual({ peers: [] });
});

test("pair ends by its deadline when the machine there never ends its reply", async () => {
  await using _liar = await hostile("endless");
  const typed = await laptop.run(["pair", "-", "--to", third()], { stdin: "222222" });
  expect(typed.code).toBe(5);
  expect(typed.err.replace(announcement, "")).toBe(
    `peernet: error: ${third()} cannot be reached: its reply could not be read\n` +
      "peernet: hint: look there: peernet status\n",
  );
  expect(await laptop.json(["status"])).toMatchObject({ machine: { running: true } });
});

test("pair --open --from answers no other address, whose attempts cost nothing", async () => {
  const server = await machine(hosts, { host: "c", name: "server" });
  await using _server = server;
  const window = await opening(mini, "--from", hosts.address("b"));
  const words = ["pair", "-", "--to", mini.listens];
  const typed = await server.run(words, { stdin: window.code });
  expect({ code: typed.code, err: typed.err }).toEqual({
    code: 1,
    err:
      `peernet: error: no pairing window is open at ${mini.listens}\n` +
      `peernet: hint: on ${mini.listens} run: peernet pair --open\n`,
  });
  expect(await mini.json(["status"])).toMatchObject({ window: { open: true, attempts_left: 3 } });
  expect((await laptop.run(words, { stdin: window.code })).code).toBe(0);
  expect(await window.ended).toBe(0);
  await laptop.run(["unpair", "mini", "--yes"]);
  await mini.run(["unpair", "laptop", "--yes"]);
});

test("pair works through a machine that forwards bytes, which then is the origin", async () => {
  await using _forwarder = await hostile("forward", hosts.address("a"));
  await pairTwo(mini, laptop, third());
  expect(await laptop.json(["ask", "mini/hydrate"])).toMatchObject({ status: "ok" });
  const { out } = await mini.run(["audit", "--json", "--verb", "ask", "--limit", "1"]);
  expect(JSON.parse(out)).toMatchObject({ origin_address: hosts.address("c"), outcome: "ok" });
  await laptop.run(["unpair", "mini", "--yes"]);
  await mini.run(["unpair", "laptop", "--yes"]);
});

/** One request of a stranger, by another client than ours. */
const knock = (address: string) => ["curl", "-sk", "--data", "{}", `https://${address}/v1/ask`];

test("ask sends no credential to another machine that took the peer's address", async () => {
  await pairTwo(mini, laptop);
  await laptop.json(["ask", "mini/hydrate"]);
  hosts.readdress("a", "10.77.0.9");
  hosts.readdress("c", hosts.address("a"));
  {
    const server = await machine(hosts, {
      host: "c",
      name: "server",
      address: hosts.address("a"),
    });
    await using _server = server;
    const { code, err } = await laptop.run(["ask", "mini/hydrate"]);
    expect({ code, err }).toEqual({
      code: 4,
      err:
        "peernet: error: another machine answers at mini's address\n" +
        "peernet: hint: peernet peers show mini\n",
    });
    // A refusal is counted, and written when the daemon stops: here, only our own knock.
    hosts.run("b", ...knock(server.listens));
    await server.run(["stop"]);
    await server.run(["start"]);
    const refused = (await trail(server)).filter(({ verb }) => verb !== "probe");
    expect(refused).toMatchObject([
      { verb: "trail", direction: "local" },
      { verb: "refused", direction: "in", count: 1 },
    ]);
  }
  hosts.readdress("c", hosts.address("c"));
  hosts.readdress("a", hosts.address("a"));
  await until(
    "mini is itself again",
    async () => (await laptop.run(["ask", "mini/hydrate"])).code === 0,
  );
});
