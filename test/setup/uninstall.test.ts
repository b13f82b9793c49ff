/** Uninstall as a person meets it: it asks, tells those that were paired, and leaves no process. */

import { expect, setDefaultTimeout } from "bun:test";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { opening } from "../scenario/pairing.ts";
import { onTerminal } from "../scenario/terminal.ts";
import { executable, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
setDefaultTimeout(30_000);

test("uninstall asks on a terminal, and changes nothing without a yes", async () => {
  await using mini = person();
  await mini.setUp();
  const before = mini.tree();
  const place = { ...mini, json: () => Promise.reject(new Error("not used")) };
  const refuses = onTerminal(place, ["uninstall"]);
  await refuses.sees("takes  the hooks of peernet from ~/.claude/settings.json");
  await refuses.sees("Unpair every machine, stop the daemon, and undo setup? [y/N] ");
  refuses.type("\r");
  await refuses.sees("nothing changed");
  expect(await refuses.ended).toBe(1);
  expect(mini.tree()).toEqual(before);
  const agrees = onTerminal(place, ["uninstall"]);
  await agrees.sees("[y/N] ");
  agrees.type("y\r");
  await agrees.sees("~/.claude/settings.json");
  expect(await agrees.ended).toBe(0);
  expect(mini.has(".claude/settings.json")).toBe(false);
});

test("uninstall unpairs first, and notifies the paired machines", async () => {
  await using laptop = home("laptop");
  await using mini = person();
  await mini.setUp("--name", "mini");
  const window = await opening(laptop);
  const pairing = Bun.spawnSync([executable, "pair", "-", "--to", window.address], {
    env: { ...mini.environment },
    stdin: Buffer.from(window.code),
  });
  expect(pairing.exitCode).toBe(0);
  const { out } = await mini.run(["uninstall", "--yes"]);
  expect(out.split("\n")[0]).toBe("laptop is unpaired and was told");
  await until("laptop knows", async () => {
    const { peers } = (await laptop.json(["status"])) as { peers: { link: string }[] };
    return peers[0]?.link === "refused";
  });
  expect((await mini.run(["status"])).code).toBe(3);
});

test("uninstall ends the processes that wait to wake sessions", async () => {
  await using mini = person();
  await mini.setUp();
  const wakers = join(mini.folder, ".peernet/wakers");
  const pipe = join(wakers, "0".repeat(32));
  mkdirSync(wakers, { mode: 0o700, recursive: true });
  expect(Bun.spawnSync(["mkfifo", "-m", "600", pipe]).exitCode).toBe(0);
  const ready = join(mini.folder, "waits");
  const script = `exec 3<>'${pipe}'; : >'${ready}'; read -r line <&3; echo "$line"`;
  const waker = Bun.spawn(["sh", "-c", script], { stdout: "pipe" });
  await until("it waits", () => existsSync(ready));
  expect((await mini.run(["uninstall", "--yes"])).code).toBe(0);
  expect(await new Response(waker.stdout).text()).toBe("end\n");
  expect(existsSync(pipe)).toBe(false);
});

test("uninstall of what was never set up does nothing, and makes no folder", async () => {
  await using mini = person();
  const before = mini.tree();
  const { code, out } = await mini.run(["uninstall", "--yes", "--json"]);
  expect([code, JSON.parse(out)]).toEqual([0, { unpaired: null, files: [], left: null }]);
  expect(mini.tree()).toEqual(before);
  expect(mini.has(".peernet")).toBe(false);
});

test("uninstall removes a folder that an agent's own command made for setup", async () => {
  await using mini = person();
  rmSync(join(mini.folder, ".codex"), { recursive: true });
  const make = '/bin/mkdir -p "$HOME/.codex" && : >>"$HOME/.codex/config.toml"';
  const makes = `#!/bin/sh\n[ "$1 $2" != "mcp add" ] || { ${make}; }\n`;
  writeFileSync(join(mini.folder, "bin/codex"), makes, { mode: 0o755 });
  const before = mini.tree();
  await mini.setUp();
  expect(mini.has(".codex/config.toml") && mini.has(".codex/hooks.json")).toBe(true);
  expect((await mini.run(["uninstall", "--yes"])).code).toBe(0);
  expect(mini.tree()).toEqual(before);
});
