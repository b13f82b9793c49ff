/**
 * A stranger's first ten minutes, in a shell on a terminal of each of two machines of one local
 * network without a tailnet: the installer from a release, setup, pairing, and the list that stays
 * open. A session that begins to wait on one machine shows and rings on the other within a second.
 * Every key is counted.
 */

import { expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, agent } from "../hook/agent.ts";
import { release } from "../release/made.ts";
import { commandOnTerminal, type OnTerminal, plainText } from "../scenario/terminal.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { canLab, type HostName, type Lab, lab, noLab } from "./lab.ts";

const test = skipUnless(canLab, noLab);
setDefaultTimeout(120_000);

/** A person at a shell of a machine, whose keys are counted. */
interface Stranger extends AsyncDisposable {
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly before: readonly string[];
  /** The executable that the installer put there. */
  readonly peernet: string;
  readonly shell: OnTerminal;
  /** Types a line and Enter. */
  types(line: string): void;
  /** Keys since the last call. */
  keys(): number;
}

function stranger(hosts: Lab, host: HostName): Stranger {
  const home = mkdtempSync(join(tmpdir(), `peernet-stranger-${host}-`));
  mkdirSync(join(home, ".claude"));
  const before = hosts.on(host);
  const environment = { HOME: home, PATH: "/usr/bin:/bin:/usr/sbin:/sbin", SHELL: "/bin/sh" };
  const shell = commandOnTerminal({ before, folder: home, environment }, ["sh", "-i"], 110);
  const peernet = join(home, ".local/bin/peernet");
  let count = 0;
  return {
    ...{ home, environment, before, peernet, shell },
    types: (line) => {
      count += line.length + 1;
      shell.type(`${line}\r`);
    },
    keys: () => {
      const since = count;
      count = 0;
      return since;
    },
    [Symbol.asyncDispose]: async () => {
      Bun.spawnSync([...before, peernet, "stop"], { env: environment });
      shell.kill();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Serves the release on the loopback of a host, at the address that the installer knows. */
async function releasesOn(hosts: Lab, host: HostName): Promise<Disposable> {
  const { folder, url } = release();
  const program = `Bun.serve({
    hostname: "127.0.0.1",
    port: ${new URL(url).port},
    fetch: ({ url }) => new Response(Bun.file(
      ${JSON.stringify(`${join(folder, "release")}/`)} + new URL(url).pathname.split("/").at(-1)
    )),
  })`;
  const child = Bun.spawn([...hosts.on(host), process.execPath, "-e", program], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const look = [...hosts.on(host), "curl", "-fsS", "-o", "/dev/null"];
  const installer = `${url}/latest/download/install.sh`;
  await until("the release is served", () => Bun.spawnSync([...look, installer]).exitCode === 0);
  return { [Symbol.dispose]: () => child.kill() };
}

/** Installs by the one line, and sets up by Enters alone. */
async function installs({ shell, types, keys }: Stranger): Promise<void> {
  types(`curl -fsSL ${release().url}/latest/download/install.sh | sh`);
  await shell.sees("peernet setup");
  types('export PATH="$HOME/.local/bin:$PATH"');
  keys();
  types("peernet setup");
  for (const question of [
    "call this one?",
    "announces itself on every network it joins",
    "Which agent sessions get a handle",
    "change an answer",
  ]) {
    await shell.sees(question);
    types("");
  }
  await shell.sees("listens on 10.77.0.");
  expect(keys()).toBe("peernet setup".length + 5);
}

const codeIn = (shown: string): string => /^ {4}(\d{3}-\d{3})$/m.exec(plainText(shown))?.[1] ?? "";

/** Opens a pairing window by the command that setup named; returns its code. */
async function opens({ shell, types }: Stranger): Promise<string> {
  types("peernet pair");
  await shell.sees("Open one here? [Y/n]");
  types("");
  await shell.sees("this machine is");
  return codeIn(shell.shown());
}

/** Takes setup's offer to pair with the machine that it found, and types the code shown there. */
async function joins({ shell, types }: Stranger, code: string): Promise<void> {
  await shell.sees("has a pairing window open");
  types("");
  await shell.sees("Code shown on");
  types(code);
}

/** Confirms the other's name, and says by one letter that it is one's own machine. */
async function isMine({ shell, types, keys }: Stranger): Promise<void> {
  await shell.sees("its name here [");
  types("");
  await shell.sees("is yours: let it");
  keys();
  types("y");
  await shell.sees("Paired with");
  expect(keys()).toBe("y".length + 1);
}

/** A session of Claude Code on a machine, as its hooks report it. */
function claudeOn({ home, environment, before, peernet }: Stranger): Agent {
  const tree = join(home, "src/hydrate");
  mkdirSync(join(tree, ".git"), { recursive: true });
  writeFileSync(join(tree, ".git/HEAD"), "ref: refs/heads/main\n");
  return agent({ home: { environment }, cwd: tree, before, peernet });
}

/** The other machine knows that somebody watches, and tells each change at once. */
const isWatched = ({ before, peernet, environment: env }: Stranger): Promise<void> =>
  until("its sessions are watched", () => {
    const status = Bun.spawnSync([...before, peernet, "status", "--json"], { env });
    return JSON.parse(status.stdout.toString()).peers[0]?.watches === true;
  });

test("two strangers install, pair, watch, and see within a second who waits", async () => {
  using hosts = lab();
  await using laptop = stranger(hosts, "a");
  await using mini = stranger(hosts, "b");
  using _here = await releasesOn(hosts, "a");
  using _there = await releasesOn(hosts, "b");
  await installs(laptop);
  const code = await opens(laptop);
  await installs(mini);
  await joins(mini, code);
  for (const each of [mini, laptop]) await isMine(each);
  await using claude = claudeOn(mini);
  const ran = await claude.on("SessionStart", { source: "startup" });
  expect(ran.code).toBe(0);
  await claude.on("UserPromptSubmit", { prompt: "port it" });
  const told = [...mini.before, mini.peernet, "summary", "--name", "hydrate", "Port the client"];
  expect(Bun.spawnSync(told, { env: mini.environment }).exitCode).toBe(0);

  // "What is everyone doing": one command, and no key for a session's summary.
  laptop.keys();
  laptop.types("peernet watch --notify");
  expect(laptop.keys()).toBe("peernet watch --notify".length + 1);
  await laptop.shell.sees("/hydrate");
  await until("the list shows what it works on", () => {
    const frame = laptop.shell.shown();
    return frame.includes("works") && frame.includes("Port the client");
  });
  expect(laptop.keys()).toBe(0);

  await isWatched(mini);
  const rung = laptop.shell.shown().split("\x07").length;
  const asks = { message: "Claude needs your permission", notification_type: "permission_prompt" };
  const begunMs = performance.now();
  await claude.on("Notification", asks);
  await laptop.shell.sees("WAITS");
  const tookMs = Math.round(performance.now() - begunMs);
  console.log(`figure: a session that waits is on the other screen after ${tookMs} ms`);
  expect(tookMs).toBeLessThan(1_000);
  await until("the terminal rings", () => laptop.shell.shown().split("\x07").length === rung + 1);
  laptop.shell.type("q");
  await laptop.shell.sees("\x1b[?1049l");

  // And without a screen that stays open, one word.
  laptop.types("peernet ask");
  await laptop.shell.sees("Port the client");
});
