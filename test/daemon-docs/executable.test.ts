/** `peernet daemon --docs` as built: printed, served, without effect, gone with the daemon. */

import { afterAll, beforeAll, expect } from "bun:test";
import { control } from "../../src/contract/control.ts";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { send } from "./raw.ts";

const test = skipUnless(isBuilt, notBuilt);

interface Running {
  /** Everything it has printed so far. */
  readonly printed: () => string;
  /** The address it printed. */
  readonly url: string;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number>;
  /** Asks it to end, as Ctrl-C does. */
  stop(): Promise<number>;
}

/** Runs `peernet daemon` in the foreground until it has printed the awaited text. */
async function running(at: Home, words: readonly string[], said: RegExp): Promise<Running> {
  const child = Bun.spawn([executable, "daemon", ...words], {
    cwd: at.folder,
    env: at.environment,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let printed = "";
  const exited = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) printed += decoder.decode(chunk, { stream: true });
    return child.exited;
  })();
  await until(`it prints ${said}`, () => said.test(printed));
  return {
    printed: () => printed,
    url: said.exec(printed)?.[1] ?? "",
    exited,
    stop: () => {
      child.kill("SIGINT");
      return exited;
    },
  };
}

const printedUrl = /^API documents: (http:\/\/127\.0\.0\.1:\d+\/)\n/m;

let at: Home;
let daemon: Running;
beforeAll(async () => {
  if (!isBuilt) return;
  at = home("atlas");
  daemon = await running(at, ["--docs"], printedUrl);
});
afterAll(async () => {
  if (!isBuilt) return;
  await daemon.stop();
  await at[Symbol.asyncDispose]();
});

test("peernet daemon --docs prints an address that serves the document and the page", async () => {
  const page = await fetch(daemon.url);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("/v1/ask")]);
  const { paths } = Object(await (await fetch(`${daemon.url}openapi.json`)).json());
  expect(Object.keys(paths).length).toBe(Object.keys(control).length);
});

test("peernet daemon --docs runs nothing that is sent to its documents", async () => {
  const audited = () => at.run(["audit", "--all", "--json"]);
  const before = await audited();
  expect(before.code).toBe(0);
  const { host } = new URL(daemon.url);
  const input = JSON.stringify({
    name: "planted",
    harness: "shell",
    session_id: "planted",
    process: { pid: process.pid, start_time: "1" },
    cwd: "/",
    project: "planted",
    git: null,
  });
  for (const path of Object.keys(control)) {
    for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/json"]) {
      const head = [`POST /v1/${path} HTTP/1.1`, `Host: ${host}`, `Content-Type: ${type}`];
      const reply = await send(daemon.url, [...head, `Content-Length: ${input.length}`], input);
      expect([path, type, reply.status]).toEqual([path, type, 404]);
    }
  }
  expect(await audited()).toEqual(before);
  expect(JSON.stringify(await at.json(["status"]))).not.toContain("planted");
});

test("peernet daemon --docs shows nothing of its machine", async () => {
  const { machine } = Object(await at.json(["status"]));
  expect(machine.fingerprint).toStartWith("sha256:");
  for (const path of ["", "page.css", "openapi.json", "nothing"]) {
    const text = await (await fetch(`${daemon.url}${path}`)).text();
    for (const own of [machine.fingerprint, at.folder, at.name, new URL(daemon.url).port]) {
      expect([path, own, text.includes(own)]).toEqual([path, own, false]);
    }
  }
});

skipUnless(isBuilt && hasProgram("curl"), "curl is not installed")(
  "peernet daemon --docs shows a command that works as it stands",
  async () => {
    const page = await (await fetch(daemon.url)).text();
    const command = (/<pre[^>]*>(.*?)<\/pre>/s.exec(page)?.[1] ?? "").replaceAll("&#x27;", "'");
    expect(command).toContain("curl --unix-socket");
    const moved = command.replace("~/.peernet", at.folder);
    const { stdout } = Bun.spawnSync(["sh", "-c", moved]);
    expect(JSON.parse(stdout.toString()).machine.name).toBe("atlas");
  },
);

test("peernet daemon without --docs opens no documents", async () => {
  await using other = home("plain");
  const plain = await running(other, [], /^peernet \S+ listens on (\S+)\n/m);
  expect(await plain.stop()).toBe(0);
  expect(plain.printed()).not.toContain("API documents");
});

test("peernet daemon --docs ends its documents with itself", async () => {
  await using other = home("ending");
  const ending = await running(other, ["--docs"], printedUrl);
  expect((await fetch(ending.url)).status).toBe(200);
  expect(await ending.stop()).toBe(0);
  await expect(fetch(ending.url)).rejects.toThrow();
});

test("peernet stop ends the documents too", async () => {
  await using other = home("stopping");
  const stopping = await running(other, ["--docs"], printedUrl);
  expect((await other.run(["stop"])).code).toBe(0);
  expect(await stopping.exited).toBe(0);
  await expect(fetch(stopping.url)).rejects.toThrow();
});
