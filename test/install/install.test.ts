/** The installer as each shell runs it: its files, and its output. */

import { describe, expect } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { person } from "./person.ts";
import { releases, target } from "./release.ts";

const shells: readonly (readonly string[])[] = [
  ["dash"],
  ["bash"],
  ["bash", "--posix"],
  ["busybox", "sh"],
  ["zsh"],
];
const isLinux = process.platform === "linux";

for (const shell of shells) {
  const test = skipUnless(hasProgram(shell[0] ?? ""), `${shell[0]} is not installed`);
  describe(`install.sh in ${shell.join(" ")}`, () => {
    test("installs, says what it did and what comes next", async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      const ran = await ada.install(served.installer(), [], { shell });
      expect(ran).toEqual({
        code: 0,
        out: [
          `peernet 0.1.0, ${isLinux ? "Linux" : "macOS"} ${process.arch}`,
          "  checked     SHA-256 and signature",
          "  installed   ~/.local/bin/peernet",
          "  PATH        one line added to ~/.profile",
          "Nothing runs and nothing listens yet.",
          'next: export PATH="$HOME/.local/bin:$PATH"',
          "next: peernet setup",
          "",
        ].join("\n"),
        err: "",
      });
      const receipt = ".local/bin/.peernet-receipt";
      const made = [".local", ".local/bin", receipt, ".local/bin/peernet", ".profile"];
      expect(ada.files()).toEqual(made);
      const records = [`home ${ada.home}`, `installed ${ada.executable}`, `made ${ada.folder}`];
      const more = [`made ${ada.home}/.local`, `created ${ada.home}/.profile`];
      expect(ada.read(receipt)).toBe(`${[...records, ...more].join("\n")}\n`);
      expect(statSync(ada.executable).mode & 0o777).toBe(0o755);
      expect(ada.read(".profile")).toBe('export PATH="$HOME/.local/bin:$PATH" # peernet\n');
    });

    test("by a pipe, twice: the second changes nothing but the executable", async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      const piped = readFileSync(served.installer(), "utf8");
      expect((await ada.install("", [], { shell, piped })).code).toBe(0);
      const files = ada.files();
      const receipt = ada.read(".local/bin/.peernet-receipt");
      const second = await ada.install("", [], { shell, piped });
      expect(second).toMatchObject({ code: 0, err: "" });
      expect(second.out).toContain("  installed   ~/.local/bin/peernet, once more\n");
      expect(second.out).toContain("  PATH        in ~/.profile already\n");
      expect(second.out).toEndWith("next: peernet start\n");
      expect(ada.files()).toEqual(files);
      expect(ada.read(".local/bin/.peernet-receipt")).toBe(receipt);
      expect(ada.read(".profile")?.match(/# peernet/g)?.length).toBe(1);
    });

    test("refuses another checksum, and installs nothing", async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      const path = `/latest/download/peernet-0.1.0-${target}.gz`;
      const changed = Buffer.from(served.content(path));
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      served.replace(path, changed);
      expect(await ada.install(served.installer(), [], { shell })).toMatchObject({
        code: 1,
        err:
          "peernet: error: the executable does not have the checksum of the release; " +
          "nothing was installed\n" +
          "peernet: hint: do not use what was fetched; try again later\n",
      });
      expect(ada.files()).toEqual([".local", ".local/bin"]);
    });

    test("refuses another signer, and fetches no executable", async () => {
      using served = releases();
      served.add("0.1.0");
      const installer = served.installer();
      using ada = person();
      const known = readFileSync(installer, "utf8");
      served.add("0.1.0", { forged: true });
      const ran = await ada.install("", [], { shell, piped: known });
      expect(ran.code).toBe(1);
      expect(ran.err).toContain("the signature of the release is not that of its maker; nothing");
      expect(ada.files()).toEqual([".local", ".local/bin"]);
      expect(served.asked.filter((path) => path.endsWith(".gz"))).toEqual([]);
    });

    test("restarts a daemon that ran, and none that did not", async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      await ada.install(served.installer(), [], { shell });
      served.add("0.2.0");
      const still = await ada.install(served.installer(), [], { shell });
      expect(still.out).toContain("  installed   ~/.local/bin/peernet, in place of 0.1.0\n");
      expect(still.out).toEndWith("next: peernet start\n");
      expect(existsSync(`${ada.executable}.calls`)).toBe(false);
      writeFileSync(`${ada.executable}.running`, "");
      const back = await ada.install(served.installer(), ["--version", "0.1.0"], { shell });
      expect(back.out).toContain("  installed   ~/.local/bin/peernet, in place of 0.2.0\n");
      expect(back.out).toContain("  restarted   the daemon, which ran\n");
      expect(back.out).toEndWith("next: peernet status\n");
      expect(readFileSync(`${ada.executable}.calls`, "utf8")).toBe("0.1.0 stop\n0.1.0 start\n");
    });

    test("goes back to an older release only where that is asked for", async () => {
      using served = releases();
      using ada = person();
      served.add("0.10.0");
      await ada.install(served.installer(), [], { shell });
      served.add("0.9.1");
      const ran = await ada.install(served.installer(), [], { shell });
      expect([ran.code, ran.err]).toEqual([
        1,
        "peernet: error: the latest release is 0.9.1, and 0.10.0 is installed\n" +
          "peernet: hint: if you want the older one, give --version 0.9.1\n",
      ]);
      expect(readFileSync(ada.executable, "utf8")).toContain("0.10.0");
      const back = await ada.install(served.installer(), ["--version", "0.9.1"], { shell });
      expect(back.out).toContain("  installed   ~/.local/bin/peernet, in place of 0.10.0\n");
      served.add("0.9.1");
      expect((await ada.install(served.installer(), [], { shell })).code).toBe(0);
    });

    test("says why the daemon did not start again", async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      await ada.install(served.installer(), [], { shell });
      for (const name of ["running", "broken"]) writeFileSync(`${ada.executable}.${name}`, "");
      const ran = await ada.install(served.installer(), [], { shell });
      expect([ran.code, ran.err]).toEqual([
        1,
        "peernet: error: installed, but the daemon did not start: " +
          "peernet: error: it is broken\n" +
          "peernet: hint: ~/.local/bin/peernet start\n",
      ]);
    });

    test("works where the home has spaces, and the line it adds is right", async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person("a home of Ada's");
      const good = await ada.install(served.installer(), ["--dir", "bin here"], { shell });
      expect([good.code, good.err]).toEqual([0, ""]);
      const { stdout } = Bun.spawnSync([...shell, "-c", '. "$HOME/.profile"; peernet version'], {
        env: { PATH: "/usr/bin:/bin", HOME: ada.home },
      });
      expect(stdout.toString()).toBe("peernet 0.1.0 (commit x)\n");
    });
  });
}
