import { describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { portDefault } from "../../src/contract/limits.ts";
import { Name } from "../../src/contract/terms.ts";
import { configVariables, homesOf, readConfig } from "../../src/platform/config.ts";
import { refusal } from "./folders.ts";

type Environment = Readonly<Record<string, string | undefined>>;
const read = (text: string | null, environment: Environment = {}) =>
  readConfig({ text, environment });
const message = (text: string | null, environment: Environment = {}): string =>
  refusal(() => read(text, environment)).message;

describe("readConfig() without settings", () => {
  test("readConfig() leaves open what to listen on, and takes the default port", () => {
    for (const text of [null, "", "# nothing\n", "[listen]\n[machine]\n"]) {
      expect(read(text)).toEqual({
        machine: { name: read(null).machine.name },
        listen: { addresses: null, port: portDefault },
        discovery: { tailnet: true, addresses: [] },
        tailnet: { sameUserOnly: true },
        sessions: { activate: "none", folders: [], exclude: [], headless: false },
        messages: { to: ["mine"], wake: "always", wakeUnattended: [] },
        notify: { desktop: false, bell: false },
      });
    }
  });

  test("readConfig() names the machine after its host, by the grammar", () => {
    expect(Name.safeParse(read(null).machine.name).success).toBe(true);
  });
});

describe("readConfig() of a file", () => {
  test("readConfig() takes what stands there, and the defaults for the rest", () => {
    const text = `
      machine.name = "mini"
      listen.port = 0
      discovery.addresses = ["studio.example:7337", "[::1]"]
      tailnet.same_user_only = false
      messages = { to = ["mine", "studio"], wake = "never", wake_unattended = ["laptop"] }
      notify.bell = true`;
    expect(read(text)).toEqual({
      machine: { name: "mini" },
      listen: { addresses: null, port: 0 },
      discovery: { tailnet: true, addresses: ["studio.example:7337", "[::1]"] },
      tailnet: { sameUserOnly: false },
      sessions: { activate: "none", folders: [], exclude: [], headless: false },
      messages: { to: ["mine", "studio"], wake: "never", wakeUnattended: ["laptop"] },
      notify: { desktop: false, bell: true },
    });
  });

  test("readConfig() takes which sessions take a handle by themselves", () => {
    const text = `
      [sessions]
      activate = "folders"
      folders = ["/srv/src/", "~", "~/a..b"]
      exclude = ["~/src/customer"]
      headless = true`;
    expect(read(text).sessions).toEqual({
      activate: "folders",
      folders: ["/srv/src/", "~", "~/a..b"],
      exclude: ["~/src/customer"],
      headless: true,
    });
  });

  test("readConfig() takes addresses of both families, the two words, and none", () => {
    const some = [["10.0.0.1", "::1", "fe80::1%eth0"], ["tailnet", "lan", "127.0.0.1"], []];
    for (const addresses of some) {
      const text = `[listen]\naddresses = ${JSON.stringify(addresses)}`;
      expect(read(text).listen.addresses).toEqual(addresses);
    }
  });

  test("readConfig() takes a port up to both ends, and none beyond them", () => {
    for (const port of [0, 1, 65_535])
      expect(read(`[listen]\nport = ${port}`).listen.port).toBe(port);
    for (const port of [-1, 65_536, 1.5]) {
      expect(message(`[listen]\nport = ${port}`)).toStartWith("config.toml: listen.port: ");
    }
  });

  const unknown: readonly (readonly [text: string, message: string])[] = [
    ["typo = 1", "config.toml: typo is not known"],
    ["[liste]\nport = 1", "config.toml: liste is not known"],
    ["[listen]\nprot = 1", "config.toml: listen: prot is not known"],
    ["[machine]\nnmae = 'x'", "config.toml: machine: nmae is not known"],
    ["discovery.lan = true", "config.toml: discovery: lan is not known"],
    ["tailnet.user = 1", "config.toml: tailnet: user is not known"],
    ["sessions.heedless = true", "config.toml: sessions: heedless is not known"],
    ["__proto__ = 1", "config.toml: __proto__ is not known"],
    ["constructor = 1", "config.toml: constructor is not known"],
    ["[machine.__proto__]\nname = 'x'", "config.toml: machine: __proto__ is not known"],
  ];
  for (const [text, said] of unknown) {
    test(`readConfig() names the key that it does not know in ${JSON.stringify(text)}`, () => {
      expect(refusal(() => read(text))).toEqual({
        code: "bad_request",
        message: said,
        hint: "mend config.toml in the state folder",
      });
    });
  }

  const wrong: readonly (readonly [text: string, key: string])[] = [
    ["machine = 3", "machine"],
    ["machine = [1]", "machine"],
    ['listen = "127.0.0.1"', "listen"],
    ['[machine]\nname = "Mini"', "machine.name"],
    ['[machine]\nname = ""', "machine.name"],
    [`[machine]\nname = "${"x".repeat(32)}"`, "machine.name"],
    ['[listen]\nport = "80"', "listen.port"],
    ["[listen]\nport = inf", "listen.port"],
    ['[listen]\naddresses = "127.0.0.1"', "listen.addresses"],
    ['[listen]\naddresses = ["127.0.0.1", "wifi"]', "listen.addresses.1"],
    ["discovery.tailnet = 1", "discovery.tailnet"],
    ['discovery.addresses = ["a host"]', "discovery.addresses.0"],
    ['tailnet.same_user_only = "no"', "tailnet.same_user_only"],
    ['sessions.activate = "all"', "sessions.activate"],
    ["sessions.activate = true", "sessions.activate"],
    ['sessions.headless = "yes"', "sessions.headless"],
    ['sessions.folders = "~/src"', "sessions.folders"],
    ['sessions.folders = ["src"]', "sessions.folders.0"],
    ['sessions.folders = ["~ada/src"]', "sessions.folders.0"],
    ['sessions.exclude = ["~/src", ""]', "sessions.exclude.1"],
    ['sessions.exclude = ["/src/../etc"]', "sessions.exclude.0"],
    [`sessions.exclude = [${'"/x",'.repeat(257)}]`, "sessions.exclude"],
    [`[listen]\naddresses = [${'"::1",'.repeat(17)}]`, "listen.addresses"],
  ];
  for (const [text, key] of wrong) {
    test(`readConfig() names ${key} that is wrong in ${JSON.stringify(text).slice(0, 50)}`, () => {
      expect(message(text)).toStartWith(`config.toml: ${key}: `);
    });
  }

  const broken = [
    "a = ",
    "= 1",
    "[machine\nname = 'x'",
    "\0",
    "a = 1\na = 2",
    '\u202e = "\u001b[31m"',
  ];
  for (const text of broken) {
    test(`readConfig() says where ${JSON.stringify(text)} is no TOML, without repeating it`, () => {
      const said = message(text);
      expect(said).toStartWith("config.toml: ");
      expect(said).toMatch(/^[\x20-\x7e]+$/);
    });
  }
});

describe("readConfig() of the environment", () => {
  const file = '[machine]\nname = "file"\n[listen]\nport = 1\naddresses = ["10.0.0.1"]\n';

  test("readConfig() lets each variable override its own key alone", () => {
    const before = read(file);
    expect(read(file, { PEERNET_MACHINE_NAME: "mini" })).toEqual({
      ...before,
      machine: { name: "mini" },
    });
    expect(read(file, { PEERNET_LISTEN_PORT: "0" })).toEqual({
      ...before,
      listen: { addresses: ["10.0.0.1"], port: 0 },
    });
    expect(read(file, { PEERNET_LISTEN_ADDRESSES: "127.0.0.1,::1" })).toEqual({
      ...before,
      listen: { addresses: ["127.0.0.1", "::1"], port: 1 },
    });
    expect(read(file, { PEERNET_DISCOVERY_ADDRESSES: "a.example,b.example:1" })).toEqual({
      ...before,
      discovery: { tailnet: true, addresses: ["a.example", "b.example:1"] },
    });
  });

  test("readConfig() reads those variables that are passed on to a daemon, and no other", () => {
    const seen: string[] = [];
    const environment = new Proxy<Environment>(
      {},
      {
        get: (_, name) => {
          seen.push(String(name));
          return undefined;
        },
      },
    );
    read(null, environment);
    expect(seen.sort()).toEqual([...configVariables].map(String).sort());
  });

  test("readConfig() holds variables to what a file is held to", () => {
    expect(message(null, { PEERNET_MACHINE_NAME: "Bad Name" })).toContain("machine.name: ");
    expect(message(null, { PEERNET_LISTEN_PORT: "abc" })).toContain("listen.port: ");
    expect(message(null, { PEERNET_LISTEN_PORT: "65536" })).toContain("listen.port: ");
    const addresses = { PEERNET_LISTEN_ADDRESSES: "127.0.0.1,x y" };
    expect(message(null, addresses)).toContain("listen.addresses.1: ");
  });

  test("readConfig() hides nothing of a wrong file behind a variable", () => {
    expect(message("machine = 3", { PEERNET_MACHINE_NAME: "mini" })).toContain("machine: ");
    expect(message("typo = 1", { PEERNET_LISTEN_PORT: "1" })).toContain("typo is not known");
  });

  test("readConfig() takes webhooks at a socket, and at a loopback port with a secret", () => {
    const hook = (lines: string) => `[[webhook]]\n${lines}\n`;
    const { webhooks } = readConfig({
      text: hook('url = "unix:~/bot.sock"') + hook('url = "http://[::1]:87/x"\nsecret_file = "/s"'),
      environment: {},
    });
    expect(webhooks?.map(({ url, secretFile, text }) => [url, secretFile, text])).toEqual([
      ["unix:~/bot.sock", null, false],
      ["http://[::1]:87/x", "/s", false],
    ]);
    expect(message(hook('url = "http://127.0.0.1:8787/"'))).toContain("has a secret_file");
    for (const url of [
      "http://192.168.1.5:80/",
      "https://127.0.0.1:80/",
      "unix:bot",
      "http://x:1",
    ]) {
      expect(message(hook(`url = "${url}"\nsecret_file = "/s"`))).toContain("webhook.0.url: ");
    }
  });

  test("readConfig() takes an empty port for no number", () => {
    expect(message(null, { PEERNET_LISTEN_PORT: "" })).toContain("listen.port: ");
  });
});

describe("homesOf()", () => {
  test("homesOf() is the home, and what it links to where it is a link", () => {
    const real = realpathSync(mkdtempSync(join(tmpdir(), "peernet-homes-")));
    const link = join(real, "link");
    symlinkSync(real, link);
    expect(homesOf({ HOME: real })).toEqual([real]);
    expect(homesOf({ HOME: link })).toEqual([link, real]);
    rmSync(real, { recursive: true });
    expect(homesOf({ HOME: link })).toEqual([link]);
  });

  test("homesOf() is empty without an absolute home", () => {
    expect([homesOf({}), homesOf({ HOME: "" }), homesOf({ HOME: "ada" })]).toEqual([[], [], []]);
  });
});
