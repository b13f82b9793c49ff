/** State folders that cannot work: refused before anything is changed, by a hint that ends it. */

import { expect, setDefaultTimeout } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, isBuilt, notBuilt } from "../support/executable.ts";
import { ranOf } from "../support/ran.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { alone, person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
const isRoot = process.geteuid?.() === 0 && hasProgram("setpriv");
const asRoot = skipUnless(isBuilt && isRoot, "another user's home needs root and setpriv");
setDefaultTimeout(60_000);

test("setup refuses a home that is too deep, changes no file, and doctor says why", async () => {
  await using mini = person();
  const home = join(mini.folder, "y".repeat(100));
  mini.write(`${"y".repeat(100)}/.claude/settings.json`, "{}");
  const before = mini.tree();
  const reason = "the path of the control socket is over 103 bytes";
  const hint = "set PEERNET_HOME to a shorter path";
  for (const words of [["setup", "--yes", ...alone], ["start"]]) {
    const ran = await mini.run(words, { HOME: home });
    expect(ran.err).toContain(`error: ${reason}\npeernet: hint: ${hint}\n`);
    expect(ran.code).toBe(3);
    rmSync(join(home, ".peernet"), { recursive: true, force: true });
    expect(mini.tree()).toEqual(before);
  }
  const doctor = await mini.run(["doctor", "--json"], { HOME: home });
  const check = { name: "daemon", state: "failed", detail: reason, fix: hint };
  expect(JSON.parse(doctor.out).checks).toContainEqual(check);
  const short = { HOME: home, PEERNET_HOME: join(mini.folder, "pn") };
  expect((await mini.run(["setup", "--yes", ...alone], short)).code).toBe(0);
  expect((await mini.run(["stop"], short)).code).toBe(0);
});

/** A home of another user's, and commands in it, as root and as that user. */
function elsewhere() {
  const place = mkdtempSync(join(tmpdir(), "peernet-users-"));
  chmodSync(place, 0o755);
  const [home, program] = [join(place, "home"), join(place, "peernet")];
  mkdirSync(home);
  chownSync(home, user, user);
  copyFileSync(executable, program);
  chmodSync(program, 0o755);
  const run = (before: readonly string[], words: readonly string[]) =>
    ranOf(
      Bun.spawn([...before, program, ...words], {
        cwd: "/",
        env: { HOME: home, PATH: "/usr/bin:/bin", PEERNET_LISTEN_PORT: "0" },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      }),
    );
  const identity = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  const asUser = (...words: readonly string[]) => run(["setpriv", ...identity], words);
  return {
    home,
    asRoot: (...words: readonly string[]) => run([], words),
    asUser,
    [Symbol.asyncDispose]: async () => {
      if (existsSync(join(home, ".peernet/control.sock"))) await asUser("stop");
      rmSync(place, { recursive: true });
    },
  };
}

const user = 65_534;
const asOwner = "run it as that user, without sudo";

asRoot(
  "P32: Setup writes to no file of another user, root makes no state folder in a user's home, and its copies are the user's alone. Under sudo",
  async () => {
    await using at = elsewhere();
    const commands = [["start"], ["setup", "--yes", ...alone], ["ask"], ["daemon"], ["pair", "-"]];
    for (const words of commands) {
      const ran = await at.asRoot(...words);
      expect([words, ran.code !== 0]).toEqual([words, true]);
      expect(ran.err).toContain(`${at.home} belongs to another user\npeernet: hint: ${asOwner}\n`);
      expect(existsSync(join(at.home, ".peernet"))).toBe(false);
    }
    // The hint, carried out.
    expect((await at.asUser("start")).code).toBe(0);
    expect(statSync(join(at.home, ".peernet")).uid).toBe(user);
    const ran = await at.asRoot("start");
    expect(ran.err).toContain(`/.peernet belongs to another user\npeernet: hint: ${asOwner}\n`);
  },
);

asRoot(
  "a folder that root left in a home is given back by the line that its user is told",
  async () => {
    await using at = elsewhere();
    mkdirSync(join(at.home, ".peernet"), { mode: 0o700 });
    const ran = await at.asUser("start");
    const [, hint = ""] = /hint: sudo (.*)\n/.exec(ran.err) ?? [];
    const line = hint.replace("$(id -u)", String(user));
    expect(line).toBe(`chown -R "${user}" '${at.home}/.peernet'`);
    expect(Bun.spawnSync(["/bin/sh", "-c", line]).success).toBe(true);
    expect((await at.asUser("start")).code).toBe(0);
  },
);

asRoot("a state folder that is read-only is named, and no file is changed", async () => {
  await using mini = person();
  mini.write(".peernet/config.toml", "");
  chmodSync(join(mini.folder, ".peernet"), 0o700);
  const before = mini.tree();
  const state = join(mini.folder, ".peernet");
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
  const ran = (...words: readonly string[]) =>
    ranOf(
      Bun.spawn(["unshare", "--mount", "sh", "-c", script, "sh", state, executable, ...words], {
        env: { ...mini.environment, PATH: process.env.PATH ?? "" },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      }),
    );
  expect((await ran("setup", "--yes", ...alone)).err).toContain(`hint: make ${state} writable`);
  const { checks } = JSON.parse((await ran("doctor", "--json")).out);
  const detail = `${state} is read-only`;
  const fix = `make ${state} writable`;
  expect(checks).toContainEqual({ name: "daemon", state: "failed", detail, fix });
  expect(mini.tree()).toEqual(before);
});
