/** The things that setup, doctor and uninstall never do, whatever they are pointed at. */

import { expect, setDefaultTimeout } from "bun:test";
import { chmodSync, chownSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../src/setup/apply/ledger.ts";
import { executable, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { alone, person } from "./person.ts";

const test = skipUnless(isBuilt, notBuilt);
const testAsRoot = skipUnless(isBuilt && process.getuid?.() === 0, "only root gives files away");
setDefaultTimeout(30_000);

test("P34: Uninstall changes no file that neither setup nor the installer writes, and removes nothing of a folder that is not peernet's. A purge of another folder", async () => {
  await using mini = person();
  chmodSync(mini.folder, 0o700);
  mini.write("thesis.txt", "years of work");
  mini.write("keys/of-the-house", "brass");
  const before = mini.tree();
  const words = ["uninstall", "--yes", "--purge"];
  const { code, err } = await mini.run(words, { PEERNET_HOME: mini.folder });
  expect([code, err]).toEqual([
    2,
    `peernet: error: ${mini.folder} is not a state folder of peernet\n` +
      "peernet: hint: look at what PEERNET_HOME is set to\n",
  ]);
  expect(mini.tree()).toEqual(before);
});

test("uninstall --purge leaves in the state folder what is not peernet's", async () => {
  await using mini = person();
  await mini.setUp();
  mini.write(".peernet/notes.txt", "mine");
  const { code, out } = await mini.run(["uninstall", "--yes", "--purge"]);
  expect([code, out]).toEqual([
    0,
    expect.stringContaining("left: ~/.peernet with what is not peernet's\n"),
  ]);
  expect(mini.read(".peernet/notes.txt")).toBe("mine");
  expect(mini.has(".peernet/keys")).toBe(false);
  expect(mini.has(".peernet/state.db")).toBe(false);
});

test("P33: A diff that setup shows holds no string of an agent's file but peernet's own.", async () => {
  await using mini = person();
  const other = { type: "stdio", command: "gh-mcp", env: { GITHUB_TOKEN: "secret-1" } };
  const settings = { mcpServers: { github: other }, userID: "secret-2" };
  mini.write(".claude.json", JSON.stringify(settings, null, 2));
  mini.write(".claude/settings.json", JSON.stringify({ env: { ANTHROPIC_API_KEY: "secret-3" } }));
  mini.write(".codex/config.toml", "[mcp_servers.other]\nenv = { TOKEN = 'secret-4' }\n");
  const { code, out } = await mini.run(["setup", "--dry-run", ...alone]);
  expect(code).toBe(0);
  expect(out).not.toContain("secret");
  expect(out).toContain('"GITHUB_TOKEN": "…"');
  expect(out).toContain('"ANTHROPIC_API_KEY":"…"');
  expect(out).toContain('TOKEN = "…"');
  expect(out).toContain(`+      "command": "${executable}"`);
});

test("P32: Setup writes to no file of another user, root makes no state folder in a user's home, and its copies are the user's alone. By their modes", async () => {
  await using mini = person();
  const modeOf = (path: string): number => statSync(join(mini.folder, path)).mode & 0o777;
  mini.write(".claude.json", '{"token": "secret"}');
  mini.write(".claude/settings.json", "{}");
  mini.write("victim", "mine");
  chmodSync(join(mini.folder, ".claude.json"), 0o640);
  chmodSync(join(mini.folder, ".claude/settings.json"), 0o644);
  // What lies where the next text is written is not followed.
  symlinkSync("victim", join(mini.folder, ".claude.json.peernet-next"));
  await mini.setUp();
  const copies = readdirSync(join(mini.folder, ".peernet/backups"));
  expect(copies.length).toBeGreaterThanOrEqual(2);
  for (const name of [...copies.map((each) => `backups/${each}`), "setup.json", "config.toml"]) {
    expect([name, modeOf(`.peernet/${name}`)]).toEqual([name, 0o600]);
  }
  expect(modeOf(".peernet/backups")).toBe(0o700);
  expect(modeOf(".claude.json")).toBe(0o640);
  expect(modeOf(".claude/settings.json")).toBe(0o644);
  expect(modeOf(".codex/hooks.json")).toBe(0o600);
  expect(mini.read("victim")).toBe("mine");
});

testAsRoot(
  "P32: Setup writes to no file of another user, root makes no state folder in a user's home, and its copies are the user's alone. As under sudo",
  async () => {
    for (const path of ["", ".claude.json"]) {
      await using mini = person();
      mini.write(".claude.json", "{}");
      chownSync(join(mini.folder, path), 65_534, 65_534);
      const { code, err } = await mini.run(["setup", "--yes", ...alone]);
      expect([code, err]).toEqual([2, expect.stringContaining("belongs to another user")]);
      expect(err).toContain("hint: run it as that user, without sudo");
      expect(mini.has(".peernet")).toBe(false);
      expect(statSync(join(mini.folder, path)).uid).toBe(65_534);
    }
  },
);

test("setup refuses a home in whose path a line begins", async () => {
  await using mini = person();
  const home = join(mini.folder, "a\nExecStartPre=/bin/false");
  const { code, err } = await mini.run(["setup", "--yes", ...alone], { PEERNET_HOME: home });
  expect([code, err]).toEqual([2, expect.stringContaining("holds a control character")]);
  expect(mini.has(home.slice(mini.folder.length + 1))).toBe(false);
});

test("P35: Doctor runs no program but its own, and gives it nothing of what an agent's file sets but the state folder.", async () => {
  await using mini = person();
  await mini.setUp();
  const ran = join(mini.folder, "ran");
  const hook = `${executable} hook claude-code`;
  const settings = mini.read(".claude/settings.json");
  mini.write(".claude/settings.json", settings.replaceAll(hook, `touch '${ran}'; ${hook}`));
  const server = { command: "sh", args: ["-c", `touch '${ran}'`, "mcp"] };
  mini.write(".claude.json", JSON.stringify({ mcpServers: { peernet: server } }));
  const { code, out } = await mini.run(["doctor"]);
  expect(code).toBe(1);
  expect(out).toContain("runs sh, which is no peernet");
  expect(out).toContain("its hook is not run, for it runs more than peernet: touch ");
  // By its name it could be one; and what an entry sets reaches nothing that doctor runs.
  mini.write("bin/xpeernet", `#!/bin/sh\ntouch '${ran}'\n`);
  Bun.spawnSync(["chmod", "+x", join(mini.folder, "bin/xpeernet")]);
  mini.write("preload.js", `require("node:fs").writeFileSync(${JSON.stringify(ran)}, "");\n`);
  const env = { BUN_OPTIONS: `--preload=${join(mini.folder, "preload.js")}` };
  mini.write(
    ".claude/settings.json",
    settings.replaceAll(executable, join(mini.folder, "bin/xpeernet")),
  );
  for (const command of [join(mini.folder, "bin/xpeernet"), executable]) {
    mini.write(
      ".claude.json",
      JSON.stringify({ mcpServers: { peernet: { command, args: ["mcp"], env } } }),
    );
    const said = (await mini.run(["doctor"])).out;
    expect(said).toContain(
      command === executable ? "tried without its variables BUN_OPTIONS" : "another peernet than",
    );
    expect(mini.has("ran")).toBe(false);
  }
  expect(mini.has("ran")).toBe(false);
});

test("P34: Uninstall changes no file that neither setup nor the installer writes, and removes nothing of a folder that is not peernet's. Whatever the ledger says", async () => {
  await using mini = person();
  await mini.setUp();
  mini.write(".bashrc", "mine\n");
  mini.write(".peernet/backups/x", "theirs\n");
  chmodSync(join(mini.folder, ".peernet/backups/x"), 0o600);
  const ledger = JSON.parse(mini.read(".peernet/setup.json"));
  const [file] = ledger.files;
  const bashrc = join(mini.folder, ".bashrc");
  for (const line of [
    { ...file, path: bashrc, before: "backups/x", after_sha256: digestOf("mine\n") },
    { ...file, path: ".claude/settings.json" },
    { ...file, path: `${mini.folder}/.claude/../.claude/config.toml` },
    { ...file, before: "keys/identity.pem" },
    { ...file, before: "backups/../keys/identity.pem" },
    { ...file, folders: [join(mini.folder, "bin")] },
    { ...file, kind: "service", path: join(mini.folder, "sshd.service") },
    { ...file, kind: "constructor" },
    {},
  ]) {
    mini.write(".peernet/setup.json", JSON.stringify({ ...ledger, files: [line] }));
    const before = mini.tree();
    const { code, err } = await mini.run(["uninstall", "--yes"]);
    expect(code).toBe(3);
    expect(err).toContain("setup.json is not what setup wrote");
    expect(mini.tree()).toEqual(before);
  }
  mini.write(".peernet/setup.json", JSON.stringify(ledger));
});
