/** The whole command as a process: where its secrets are not, and how a browser gets the link. */

import { expect } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";

const main = join(import.meta.dir, "../../src/main.ts");
const isLinux = process.platform === "linux";

/** A home whose `xdg-open` writes down its arguments. */
function home() {
  const folder = mkdtempSync(join(tmpdir(), "peernet-dash-"));
  const bin = mkdtempSync(join(tmpdir(), "peernet-bin-"));
  const opened = join(bin, "opened");
  const opener = join(bin, "xdg-open");
  const noting = `printf '%s\\n' "$#" "$@" > '${opened}.next'`;
  writeFileSync(opener, `#!/bin/sh\n${noting}\nmv '${opened}.next' '${opened}'\n`, { mode: 0o755 });
  chmodSync(folder, 0o700);
  const env = {
    PATH: `${bin}:${process.env.PATH ?? ""}`,
    HOME: folder,
    PEERNET_HOME: folder,
    PEERNET_MACHINE_NAME: "mini",
    PEERNET_LISTEN_PORT: "0",
  };
  const run = (...words: string[]) =>
    Bun.spawn([process.execPath, main, ...words], {
      env,
      cwd: "/",
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
  return {
    folder,
    opener,
    opened,
    run,
    [Symbol.asyncDispose]: async () => {
      await run("stop").exited;
      for (const made of [folder, bin]) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** The arguments of a process and of all that it started, as any user may read them. */
function everyArgument(): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .join("\n");
}

/** Every text of a state folder, but for the database. */
const textsOf = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => /\.(log|old|html)$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");

const p38 =
  "P38: The dashboard's secrets are in no argument and no log, " +
  "and in no output but the link that is printed where no browser came or none was to be opened.";

skipUnless(isLinux, "needs Linux: /proc and xdg-open")(
  `${p38} The browser is given a file`,
  async () => {
    await using own = home();
    chmodSync(own.opener, 0o755);
    const command = own.run("dashboard");
    await until("the browser was told", () => existsSync(own.opened));
    const [count, file = ""] = readFileSync(own.opened, "utf8").split("\n");
    expect(count).toBe("1");
    expect(file).toStartWith(`${own.folder}/dashboard-`);
    const link = /url=(http[^"]+)"/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    const { origin, hash } = new URL(link);
    const secret = hash.slice(1);
    const headers = { "content-type": "application/json", origin };
    const body = JSON.stringify({ secret });
    const entered = await fetch(`${origin}/session`, { method: "POST", headers, body });
    const { bearer } = Object(await entered.json());
    const leaving = new AbortController();
    const window = await fetch(`${origin}/v1/pair/open`, {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ grant: ["ask"], from: null }),
      signal: leaving.signal,
    });
    let read = "";
    const reader = window.body?.pipeThrough(new TextDecoderStream()).getReader();
    await until("the code is there", async () => {
      read += (await reader?.read())?.value ?? "";
      return read.includes('"code"');
    });
    const code = /"code":"(\d{6})"/.exec(read)?.[1] ?? "";
    const seen = everyArgument();
    expect(seen).toContain("dashboard");
    leaving.abort();
    command.kill("SIGINT");
    const [out, err, exit] = await Promise.all([
      new Response(command.stdout).text(),
      new Response(command.stderr).text(),
      command.exited,
    ]);
    expect([exit, existsSync(file)]).toEqual([130, false]);
    for (const hidden of [secret, bearer, code]) {
      expect(hidden.length).toBeGreaterThan(5);
      for (const text of [seen, out, err, textsOf(own.folder)]) expect(text).not.toContain(hidden);
    }
  },
);

skipUnless(isLinux, "needs Linux: xdg-open")(
  `${p38} It prints the link where xdg-open fails, and its file goes with it`,
  async () => {
    await using own = home();
    await Bun.write(own.opener, "#!/bin/sh\nexit 3\n");
    chmodSync(own.opener, 0o755);
    const command = own.run("dashboard");
    const { value } = await command.stdout.getReader().read();
    const link = new TextDecoder().decode(value).trim();
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[A-Za-z0-9_-]{43}$/);
    expect(everyArgument()).not.toContain(new URL(link).hash.slice(1));
    command.kill("SIGINT");
    expect(await command.exited).toBe(130);
    expect(readdirSync(own.folder).filter((name) => name.endsWith(".html"))).toEqual([]);
  },
);
