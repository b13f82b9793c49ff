/** Leaving is as clean as arriving: install, uninstall, and the home is byte for byte as it was. */

import { describe, expect } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { person } from "../install/person.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { release } from "./made.ts";

const test = skipUnless(hasProgram("curl"), "curl is not installed");

const treeOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, "utf8") : "folder"];
    }),
  );

describe("uninstall --purge leaves a home as it was before the installer", () => {
  for (const [shell, file, text] of [
    ["/bin/zsh", ".zprofile", "# mine\n"],
    ["/bin/bash", ".bashrc", "# mine, and no line break"],
    ["/usr/bin/fish", ".config/fish/config.fish", null],
  ] as const) {
    test(`with ${file} ${text === null ? "not there" : JSON.stringify(text)}`, async () => {
      const { folder } = release();
      using ada = person("a home");
      if (text !== null) {
        mkdirSync(dirname(join(ada.home, file)), { recursive: true });
        writeFileSync(join(ada.home, file), text);
      }
      const before = treeOf(ada.home);
      const environment = { SHELL: shell };
      const installer = join(folder, "release/install.sh");
      const installed = await ada.install(installer, [], { environment });
      expect(installed).toMatchObject({ code: 0, err: "" });
      expect(ada.read(file)).toContain("# peernet\n");
      const run = (...words: readonly string[]) => {
        const env = { HOME: ada.home, PATH: "/usr/bin:/bin", PEERNET_LISTEN_PORT: "0" };
        const ran = Bun.spawnSync([ada.executable, ...words], { env, cwd: "/" });
        return { code: ran.exitCode, out: ran.stdout.toString(), err: ran.stderr.toString() };
      };
      expect(run("start").code).toBe(0);
      const kept = run("uninstall", "--yes");
      expect([kept.code, kept.out]).toEqual([
        0,
        expect.stringContaining(`left: ~/.local/bin/peernet and the line in ~/${file}\n`),
      ]);
      const { code, out } = run("uninstall", "--yes", "--purge");
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/^~\/\.local\/bin\/peernet +removed: the installer put it there$/m),
      ]);
      expect(treeOf(ada.home)).toEqual(before);
    });
  }
});
