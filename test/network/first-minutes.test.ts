/**
 * Two fresh machines of one local network, without a tailnet: every Enter the default, each key
 * counted. Four of them set a machine up, one more opens a window, the machines pair, and one on
 * each takes the name of the other.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type OnTerminal, onTerminal, plainText } from "../scenario/terminal.ts";
import { type Person, person } from "../setup/person.ts";
import { executable } from "../support/executable.ts";
import { ranOf } from "../support/ran.ts";
import { skipUnless } from "../support/skip.ts";
import { canLab, type HostName, type Lab, lab, noLab } from "./lab.ts";

const test = skipUnless(canLab, noLab);
setDefaultTimeout(120_000);

/** A person at a machine of a lab, whose keys are counted. */
interface Typist extends AsyncDisposable {
  readonly who: Person;
  keys(): number;
  /** Runs a command on a terminal there. */
  at(...words: readonly string[]): OnTerminal;
}

function typist(hosts: Lab, host: HostName): Typist {
  const who = person(host);
  const before = hosts.on(host);
  const { HOME = "" } = who.environment;
  const environment = { HOME, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  let keys = 0;
  return {
    who,
    keys: () => keys,
    at: (...words) => {
      const shows = onTerminal(
        { ...who, before, environment, json: () => Promise.reject(new Error("not used")) },
        words,
      );
      return {
        ...shows,
        type: (text) => {
          keys += text.length;
          shows.type(text);
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      Bun.spawnSync([...before, executable, "stop"], { env: environment });
      await who[Symbol.asyncDispose]();
    },
  };
}

/** Answers each of the wizard's questions by Enter. */
async function enters(shows: ReturnType<Typist["at"]>): Promise<void> {
  for (const question of [
    "call this one?",
    "announces itself on every network it joins",
    "Which agent sessions get a handle",
    "change an answer",
  ]) {
    await shows.sees(question);
    shows.type("\r");
  }
}

/** Sets a machine up by Enters alone. */
async function setUp(one: Typist): Promise<void> {
  const shows = one.at("setup");
  await enters(shows);
  await shows.sees("listens on 10.77.0.");
  expect(one.keys()).toBe(4);
  expect(await shows.ended).toBe(0);
}

const codeIn = (shown: string): string => /^ {4}(\d{3}-\d{3})$/m.exec(plainText(shown))?.[1] ?? "";

test("two fresh machines without a tailnet pair by four Enters and three keys each", async () => {
  using hosts = lab();
  await using one = typist(hosts, "a");
  await using other = typist(hosts, "b");
  await setUp(one);
  const waits = one.at("pair");
  await waits.sees("Open one here? [Y/n]");
  waits.type("\r");
  await waits.sees("this machine is");
  expect(one.keys()).toBe(5);
  await setUpAndPair(other, () => codeIn(waits.shown()));
  await waits.sees("its name here [");
  waits.type("\r");
  await waits.sees("is yours: let it also");
  waits.type("\r");
  expect(one.keys()).toBe(7);
  expect(await waits.ended).toBe(0);
});

/** The second machine: four Enters, one key for the machine found, its code, name and owner. */
async function setUpAndPair(other: Typist, code: () => string): Promise<void> {
  const shows = other.at("setup");
  await enters(shows);
  await shows.sees("has a pairing window open");
  expect(other.keys()).toBe(4);
  shows.type("\r");
  await shows.sees("Code shown on");
  expect(other.keys()).toBe(5);
  shows.type(`${code()}\r`);
  const before = other.keys();
  await shows.sees("its name here [");
  shows.type("\r");
  await shows.sees("is yours: let it also");
  shows.type("\r");
  expect(other.keys() - before).toBe(2);
  await shows.sees("Paired with");
  expect(await shows.ended).toBe(0);
}

test("P40: Setup and pair let the local network reach this machine only by a key, a flag or config.toml.", async () => {
  using hosts = lab();
  await using one = typist(hosts, "a");
  const alone = one.at("setup", "--yes", "--no-service");
  expect(await alone.ended).toBe(0);
  const config = () => readFileSync(join(one.who.folder, ".peernet/config.toml"), "utf8");
  const question = "Let the local network reach this machine (10.77.0.1, announced there)? [Y/n]";

  const declined = one.at("pair", "--open");
  await declined.sees(question);
  declined.type("n\r");
  await declined.sees("this machine is");
  declined.type("\x03");
  expect(await declined.ended).toBe(130);
  expect(config()).toContain('addresses = ["127.0.0.1"]');

  const before = one.keys();
  const agreed = one.at("pair", "--open");
  await agreed.sees(question);
  agreed.type("\r");
  await agreed.sees("it listens on 10.77.0.1:7337");
  await agreed.sees("peernet pair --to 10.77.0.1:7337");
  expect(one.keys() - before).toBe(1);
  agreed.type("\x03");
  expect(await agreed.ended).toBe(130);
  expect(config()).toContain('addresses = ["lan"]');
});

/** Runs a command of a typist's on the first host to its end, without a terminal. */
async function ran(hosts: Lab, { who }: Typist, words: readonly string[]) {
  const { HOME = "" } = who.environment;
  const child = Bun.spawn([...hosts.on("a"), ...words], {
    env: { HOME, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  return ranOf(child);
}

const quietly = [executable, "setup", "--yes", "--no-service", "--listen"] as const;

test("setup refuses an address that is not here, and the one that it names works", async () => {
  using hosts = lab();
  await using one = typist(hosts, "a");
  const { code, err } = await ran(hosts, one, [...quietly, "10.9.9.9"]);
  expect([code, err]).toEqual([
    2,
    "peernet: error: 10.9.9.9 is no address of this machine, which has " +
      "127.0.0.1, ::1 and 10.77.0.1\npeernet: hint: peernet setup --listen 10.77.0.1\n",
  ]);
  expect(one.who.has(".peernet")).toBe(false);
  const hinted = await ran(hosts, one, [...quietly, "10.77.0.1"]);
  expect([hinted.code, hinted.out]).toEqual([
    0,
    expect.stringContaining("daemon        listens on 10.77.0.1:7337"),
  ]);
});

test("setup says that /sys is not mounted, and the address that it names works", async () => {
  using hosts = lab();
  await using one = typist(hosts, "a");
  const bare = ["unshare", "--mount", "sh", "-c", 'umount -l /sys; exec "$@"', "sh"];
  const { code, err } = await ran(hosts, one, [...bare, ...quietly, "lan"]);
  expect([code, err]).toEqual([
    2,
    "peernet: error: which networks are local cannot be told: /sys is not mounted\n" +
      "peernet: hint: peernet setup --listen 10.77.0.1\n",
  ]);
  const hinted = await ran(hosts, one, [...bare, ...quietly, "10.77.0.1"]);
  expect([hinted.code, hinted.out]).toEqual([
    0,
    expect.stringContaining("daemon        listens on 10.77.0.1:7337"),
  ]);
});

test("setup takes a free port where the usual one is another user's, and keeps it", async () => {
  using hosts = lab();
  await using one = typist(hosts, "a");
  await using other = typist(hosts, "a");
  expect((await ran(hosts, one, [...quietly, "lan"])).code).toBe(0);
  const second = await ran(hosts, other, [...quietly, "lan"]);
  expect(second.out).toContain("7338, since another program uses 7337");
  expect(second.out).toContain("listens on 10.77.0.1:7338");
  expect(second.code).toBe(0);
  expect(other.who.read(".peernet/config.toml")).toContain("port = 7338\n");
  const again = await ran(hosts, other, [executable, "setup", "--yes", "--no-service"]);
  expect(again.out).toContain("nothing to change: all of it is there");
  expect(again.out).toContain("listens on 10.77.0.1:7338");
});

test("setup does not say that it is ready where no network is there", async () => {
  using hosts = lab();
  await using one = typist(hosts, "a");
  hosts.run("a", "ip", "link", "set", "eth0", "down");
  const { code, out } = await ran(hosts, one, [...quietly, "lan"]);
  expect(code).toBe(1);
  expect(out).toContain("✗ daemon");
  expect(out).toContain("is not reached by a local network: none is there");
  expect(out).not.toContain("is ready");
  // The fix, carried out.
  hosts.run("a", "ip", "link", "set", "eth0", "up");
  const again = await ran(hosts, one, [...quietly, "lan"]);
  expect(again.out).toContain("listens on 10.77.0.1:7337");
});
