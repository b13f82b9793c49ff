/** The trusted parts of an installer's receipt, and the removals that follow from it. */

import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { timers } from "../../../src/platform/clock/timers.ts";
import { installedBy, takeOut } from "../../../src/setup/health/installed.ts";
import { skipUnless } from "../../support/skip.ts";

const line = 'export PATH="$HOME/.local/bin:$PATH" # peernet\n';

/** A home after an installation, and the entries of its receipt. */
function installation(receipt: (home: string) => string) {
  const home = mkdtempSync(join(tmpdir(), "peernet-installed-"));
  const at = (path: string): string => join(home, path);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text, { mode: 0o644 });
  };
  write(".local/bin/peernet", "the executable");
  write(".local/bin/.peernet-receipt", receipt(home));
  const look = (environment: Record<string, string> = {}) =>
    installedBy([at(".local/bin/peernet")], { environment: { HOME: home, ...environment } });
  return {
    ...{ home, at, write, look },
    read: (path: string) => readFileSync(at(path), "utf8"),
    has: (path: string) => existsSync(at(path)),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

const head = (home: string): string => `home ${home}\ninstalled ${home}/.local/bin/peernet\n`;
const whole = (home: string): string =>
  `${head(home)}made ${home}/.local/bin\nmade ${home}/.local\ncreated ${home}/.profile\n`;

describe("takeOut()", () => {
  for (const [how, during, after] of [
    ["created", line, null],
    ["created", `${line}mine\n`, "mine\n"],
    ["appended", line, ""],
    ["appended", `# mine\n${line}`, "# mine\n"],
    ["appended", `# mine\n${line}more`, "# mine\nmore"],
    ["appended-after-break", `# mine\n${line}`, "# mine"],
    ["appended-after-break", `# mine\n${line}more\n`, "# mine\nmore\n"],
    ["appended", `echo a\n# ${line}`, `echo a\n# ${line}`],
  ] as const) {
    test(`takes the line that was ${how} out of ${JSON.stringify(during)}`, async () => {
      using ada = installation((home) => `${head(home)}${how} ${home}/.profile\n`);
      ada.write(".profile", during);
      const installed = ada.look();
      expect(installed?.shellFiles).toEqual([{ path: ada.at(".profile"), how }]);
      if (installed !== null) await takeOut(installed, timers);
      expect(ada.has(".profile") ? ada.read(".profile") : null).toBe(after);
    });
  }

  test("removes the manual page beside it, and none that lies elsewhere", async () => {
    const page = ".local/share/man/man1/peernet.1";
    const made = (home: string) => `made ${home}/.local/share/man/man1\n`;
    using ada = installation((home) => `${head(home)}${made(home)}manual ${home}/${page}\n`);
    ada.write(page, "the page");
    const installed = ada.look();
    if (installed === null) throw new Error("no receipt");
    await takeOut(installed, timers);
    expect([ada.has(page), ada.has(".local/share/man/man1")]).toEqual([false, false]);
    using eve = installation((home) => `${head(home)}manual ${home}/mine/peernet.1\n`);
    expect(eve.look()).toBeNull();
  });

  test("removes the executable, its receipt, and the folders that nothing else is in", async () => {
    using ada = installation(whole);
    const installed = ada.look();
    if (installed === null) throw new Error("no receipt");
    expect(await takeOut(installed, timers)).toEqual([
      { path: ada.at(".profile"), outcome: "gone" },
      { path: ada.at(".local/bin/peernet"), outcome: "removed" },
    ]);
    expect(ada.has(".local")).toBe(false);
    using eve = installation(whole);
    eve.write(".local/bin/other", "mine");
    await takeOut(eve.look() ?? installed, timers);
    expect([eve.has(".local/bin/peernet"), eve.read(".local/bin/other")]).toEqual([false, "mine"]);
  });
});

describe("installedBy() is null", () => {
  test("with a state folder of its own, another home, or a program that runs the source", () => {
    using ada = installation(whole);
    expect(ada.look()).not.toBeNull();
    expect(ada.look({ PEERNET_HOME: ada.at("trial") })).toBeNull();
    expect(ada.look({ HOME: "/home/other" })).toBeNull();
    const environment = { HOME: ada.home };
    expect(installedBy([ada.at(".local/bin/peernet"), "main.ts"], { environment })).toBeNull();
  });

  test("for an executable beside the one that was installed", () => {
    using ada = installation(whole);
    ada.write(".local/bin/other", "an executable");
    const environment = { HOME: ada.home };
    expect(installedBy([ada.at(".local/bin/other")], { environment })).toBeNull();
  });

  test("for a receipt that others may write to, or that is a symbolic link", () => {
    using ada = installation(whole);
    chmodSync(ada.at(".local/bin/.peernet-receipt"), 0o664);
    expect(ada.look()).toBeNull();
    rmSync(ada.at(".local/bin/.peernet-receipt"));
    ada.write("receipt", whole(ada.home));
    symlinkSync(ada.at("receipt"), ada.at(".local/bin/.peernet-receipt"));
    expect(ada.look()).toBeNull();
  });

  skipUnless(process.getuid?.() === 0, "only root gives files away")(
    "for a receipt or an executable of another user",
    () => {
      for (const name of ["peernet", ".peernet-receipt"]) {
        using ada = installation(whole);
        chownSync(ada.at(`.local/bin/${name}`), 65_534, 65_534);
        expect(ada.look()).toBeNull();
      }
    },
  );
});

test("P34: Uninstall changes no file that neither setup nor the installer writes, and removes nothing of a folder that is not peernet's. Whatever the receipt says", async () => {
  for (const records of [
    (home: string) => `appended ${home}/.ssh/authorized_keys\n`,
    (home: string) => `created ${home}/thesis.txt\n`,
    (home: string) => `created ${home}/.local/../.profile\n`,
    (home: string) => `made ${home}/empty\n`,
    (home: string) => `removed ${home}/thesis.txt\n`,
    (home: string) => `installed ${home}/thesis.txt\n`,
    (home: string) => `home ${home}\n`,
    () => "appended .profile\n",
    () => "\n",
  ]) {
    using ada = installation((home) => head(home) + records(home));
    mkdirSync(ada.at("empty"));
    expect(ada.look()).toBeNull();
  }
  using ada = installation(whole);
  // Of a shell's file nothing but the one line, however like it another is.
  const mine = `export PATH="$HOME/bin:$PATH" # peernet\n  ${line}`;
  ada.write(".profile", mine);
  const installed = ada.look();
  if (installed !== null) await takeOut(installed, timers);
  expect(ada.read(".profile")).toBe(mine);
});

test("installedBy() refuses a file that it could not change, before anything has ended", () => {
  using ada = installation(whole);
  ada.write(".profile", line);
  chmodSync(ada.at(".profile"), 0o444);
  expect(() => ada.look()).toThrow(`${ada.at(".profile")} is read-only`);
});
