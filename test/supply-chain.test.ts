/** The packages that a build installs, and the files that the executable takes from its system. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hello, request } from "./mcp/support.ts";
import { executable, type Home, home, isBuilt, notBuilt } from "./support/executable.ts";
import { hasProgram, skipUnless } from "./support/skip.ts";
import { until } from "./support/until.ts";

const root = join(import.meta.dir, "..");
const lock: {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
} = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

describe("the lock", () => {
  test("has a hash of every package, and of none a host or a link", () => {
    expect(packages.length).toBeGreaterThan(10);
    const odd = packages.filter(
      ([, { integrity, resolved, link }]) =>
        !/^sha512-[A-Za-z0-9+/]{86}==$/.test(String(integrity)) ||
        resolved !== undefined ||
        link !== undefined,
    );
    expect(odd.map(([path]) => path)).toEqual([]);
  });

  test("knows one package with an install script, and set-up runs none", () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(scripted.map(([path]) => path)).toEqual(["node_modules/bun"]);
    const setUp = readFileSync(join(root, "scripts/setup.sh"), "utf8");
    expect(setUp.match(/&& npm (ci|install)\b[^)]*/g)).toEqual([
      "&& npm ci --ignore-scripts --no-audit --no-fund",
    ]);
  });

  test("asks for exact versions only", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const asked = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(asked.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
  });
});

/** The acts and attempts of a command, as the system saw them. */
interface Seen {
  readonly opened: readonly string[];
  readonly started: readonly string[];
  readonly sockets: readonly string[];
}

function seen(calls: string): Seen {
  // What failed counts all the same: on another machine there is something at that place.
  const of = (pattern: RegExp): string[] =>
    [...calls.matchAll(pattern)].map(([, found]) => found ?? "");
  return {
    opened: of(/\bopen(?:at)?\([^"]*"([^"]*)"/g),
    started: of(/\bexecve\("([^"]*)"/g),
    sockets: of(/\b(?:connect|bind|sendto)\([^{]*(\{sa_family=[^}]*\})/g),
  };
}

/** The C library and what belongs to it, and the loader's list of where they are. */
const libraries = /^\/(usr\/)?lib[^ ]*\/(libc|libm|libdl|libpthread|librt|ld-linux[^/]*)\.so\.\d+$/;
/** The kernel's files, the time zone, and the devices. */
const system = /^\/(proc|sys|dev)\/|^\/etc\/(ld\.so\.cache|localtime)$|^\/usr\/share\/zoneinfo\//;

/** The input that an agent gives a hook when a session begins. */
const began = {
  session_id: "0199f0c5-0000-7000-8000-000000000000",
  hook_event_name: "SessionStart",
  source: "startup",
};

const traced = skipUnless(isBuilt && hasProgram("strace"), `${notBuilt}, or strace is missing`);

describe("the executable", () => {
  let folder = "";
  /** The folder in which commands run: none of its files is looked for. */
  let elsewhere = "";
  let alone: Home;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "peernet-traces-"));
    elsewhere = mkdtempSync(join(tmpdir(), "peernet-elsewhere-"));
    alone = home("alone");
  });
  afterAll(async () => {
    await alone[Symbol.asyncDispose]();
    for (const each of [folder, elsewhere]) rmSync(each, { recursive: true });
  });

  interface Command {
    readonly words: readonly string[];
    /** Its standard input, one object a line. */
    readonly lines?: readonly object[];
  }
  const commands = (): readonly Command[] => [
    { words: ["--version"] },
    { words: ["status"] },
    { words: ["setup", "--dry-run"] },
    { words: ["mcp"], lines: [hello(), request(1, "tools/list")] },
    { words: ["hook", "claude-code"], lines: [{ ...began, cwd: alone.folder }] },
    { words: ["ask"] },
    { words: ["doctor", "--json"] },
    { words: ["audit", "verify"] },
    { words: ["stop"] },
  ];
  // No program of this system is found, so that none can be run.
  const outside = () => ({ PATH: alone.folder, PEERNET_LISTEN_ADDRESSES: "127.0.0.1" });

  /** Runs each command and the daemon that they talk to; returns what all of them did. */
  async function trace(): Promise<Seen> {
    const strace = Bun.which("strace") ?? "strace";
    const what = ["-f", "-s", "300", "-e", "trace=open,openat,execve,connect,bind,sendto", "-o"];
    const at = (name: string): string => join(folder, name);
    const daemon = Bun.spawn([strace, ...what, at("daemon"), executable, "daemon"], {
      cwd: elsewhere,
      env: { ...alone.environment, ...outside() },
      stdio: ["ignore", "ignore", "ignore"],
    });
    await until("it answers", () => existsSync(join(alone.folder, "control.sock")));
    for (const [index, { words, lines = [] }] of commands().entries()) {
      const before = [strace, ...what, at(`command-${index}`)];
      const stdin = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      const options = { before, stdin, cwd: elsewhere, environment: outside() };
      const { code } = await alone.run(words, options);
      expect([words, [0, 1].includes(code)]).toEqual([words, true]);
    }
    await daemon.exited;
    return seen(
      readdirSync(folder)
        .map((name) => readFileSync(at(name), "utf8"))
        .join("\n"),
    );
  }

  traced("looks for nothing outside of itself but the C library, and calls nobody", async () => {
    const { opened, started, sockets } = await trace();
    const known = (path: string): boolean =>
      path.startsWith(alone.folder) ||
      path === executable ||
      libraries.test(path) ||
      system.test(path);
    expect([...new Set(opened.filter((path) => !known(path)))]).toEqual([]);
    expect(opened.some((path) => libraries.test(path))).toBe(true);
    expect([...new Set(started)]).toEqual([executable]);
    const near = /AF_(UNIX|NETLINK|UNSPEC)\b|"127\.0\.0\.1"|"::1"/;
    expect(sockets.filter((socket) => !near.test(socket))).toEqual([]);
    expect(sockets.some((socket) => socket.includes("control.sock"))).toBe(true);
  });
});
