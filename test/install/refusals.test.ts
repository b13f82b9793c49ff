/** The installer's refusals, each of which leaves nothing behind. */

import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { skipUnless } from "../support/skip.ts";
import { canMount, noDisk, smallDisk } from "../support/small-disk.ts";
import { basic, type Ended, type Given, pathOf, person } from "./person.ts";
import { type Releases, releases, standIn, target } from "./release.ts";

/** Installs 0.1.0 from a release changed by `change`; also returns the home's files then. */
async function attempt(
  change: (served: Releases) => void,
  words: readonly string[] = [],
  given: Given = {},
): Promise<Ended & { readonly files: string[] }> {
  using served = releases();
  served.add("0.1.0");
  const piped = readFileSync(served.installer(), "utf8");
  change(served);
  using ada = person();
  const ran = await ada.install("", words, { piped, ...given });
  const err = ran.err.replaceAll(served.url, "URL").replaceAll(ada.home, "HOME");
  return { ...ran, err, files: ada.files() };
}

const nothing = [".local", ".local/bin"];
const unchanged = (): void => {};
const lines = (error: string, hint: string): string =>
  `peernet: error: ${error}\npeernet: hint: ${hint}\n`;

describe("install.sh refuses", () => {
  test("a release that is not there", async () => {
    const ran = await attempt(unchanged, ["--version", "v9.9.9"]);
    expect(ran.code).toBe(1);
    expect(ran.err).toStartWith(
      "peernet: error: could not fetch URL/download/v9.9.9/SHA256SUMS: curl: (22) ",
    );
    expect(ran.err).toEndWith("\npeernet: hint: look whether 9.9.9 was ever released\n");
    expect(ran.files).toEqual(nothing);
  });

  test("a release without a signature", async () => {
    const ran = await attempt((served) => served.replace("/latest/download/SHA256SUMS.sig", null));
    expect([ran.code, ran.files]).toEqual([1, nothing]);
    expect(ran.err).toContain("could not fetch URL/latest/download/SHA256SUMS.sig");
  });

  test("checksums that are not those that were signed", async () => {
    const path = "/latest/download/SHA256SUMS";
    const ran = await attempt((served) => served.replace(path, `${served.content(path)} `));
    expect([ran.code, ran.files]).toEqual([1, nothing]);
    expect(ran.err).toContain("the signature of the release is not that of its maker");
  });

  test("an older release in the place of the one asked for, though rightly signed", async () => {
    const ran = await attempt(
      (served) => {
        served.add("0.2.0");
        for (const name of ["SHA256SUMS", "SHA256SUMS.sig"]) {
          served.replace(`/download/v0.2.0/${name}`, served.content(`/download/v0.1.0/${name}`));
        }
      },
      ["--version", "0.2.0"],
    );
    expect([ran.code, ran.files]).toEqual([1, nothing]);
    expect(ran.err).toContain("the release has no executable for");
  });

  test("an executable that says it is another, or that does not run", async () => {
    const other = Buffer.from(standIn("0.0.9", target));
    const lying = await attempt((served) => served.add("0.1.0", { executable: other }));
    expect([lying.code, lying.files]).toEqual([1, nothing]);
    expect(lying.err).toContain('the executable says that it is {"version":"0.0.9"');
    const broken = Buffer.from("#!/bin/sh\necho 'no such library' >&2\nexit 127\n");
    const failing = await attempt((served) => served.add("0.1.0", { executable: broken }));
    expect([failing.code, failing.files]).toEqual([1, nothing]);
    expect(failing.err).toContain("peernet: error: it does not run here: no such library\n");
  });

  test("what is no gzip, though its checksum is right", async () => {
    const ran = await attempt((served) => {
      served.add("0.1.0", { executable: Buffer.alloc(70_000, 7) });
      const path = `/latest/download/peernet-0.1.0-${target}.gz`;
      served.replace(path, gzipSync(Buffer.alloc(70_000, 7)).subarray(0, 40));
    });
    expect([ran.code, ran.files]).toEqual([1, nothing]);
  });

  test("to be anything but part of a release", async () => {
    using ada = person();
    const script = join(import.meta.dir, "../../scripts/install.sh");
    const ran = await ada.install(script);
    expect([ran.code, ran.err, ada.files()]).toEqual([
      1,
      lines("this installer is not part of a release", "take install.sh from a release"),
      [],
    ]);
  });

  test("http, but on loopback", async () => {
    using served = releases();
    served.add("0.1.0");
    const text = readFileSync(served.installer(), "utf8");
    for (const url of ["http://192.0.2.1/x", "http://127.0.0.1.example/x", "ftp://127.0.0.1/x"]) {
      using ada = person();
      const ran = await ada.install("", [], { piped: text.replace(served.url, url) });
      expect([ran.code, ada.files()]).toEqual([1, []]);
      expect(ran.err).toContain("this installer is not part of a release");
    }
  });

  test("words it does not know, each with the usage", async () => {
    for (const words of [["--dirr"], ["--dir"], ["--version", "1;reboot"], ["0.1.0"]]) {
      const ran = await attempt(unchanged, words);
      expect([ran.code, ran.files]).toEqual([2, []]);
      expect(ran.err).toContain("usage: install.sh");
    }
  });
});

describe("install.sh writes to no folder but its own", () => {
  test("though the environment has a variable of the name that it uses", async () => {
    using ada = person();
    writeFileSync(join(ada.home, "trial"), "kept");
    const script = join(import.meta.dir, "../../scripts/install.sh");
    const ran = await ada.install(script, [], { environment: { work: ada.home } });
    expect([ran.code, ada.read("trial")]).toEqual([1, "kept"]);
  });

  test("though somebody made a folder of the name that it would use", async () => {
    using ada = person();
    using served = releases();
    served.add("0.1.0");
    writeFileSync(join(ada.home, "mine"), "kept");
    const before =
      'mkdir -p "$0/.peernet-install.$$" && ln -s "$HOME/mine" "$0/.peernet-install.$$/trial"';
    const shared = join(ada.home, "shared");
    const shell = ["sh", "-c", `${before} && exec sh "$1" --dir "$0"`, shared];
    const ran = await ada.install(served.installer(), [], { shell });
    expect([ran.code, ran.err]).toEqual([
      1,
      lines(`the folder ${shared} cannot be written`, "give --dir FOLDER, one that is yours"),
    ]);
    expect(ada.read("mine")).toBe("kept");
    expect(ada.files().filter((name) => name.endsWith("/trial"))).toHaveLength(1);
  });
});

describe("install.sh where something is missing", () => {
  const given = (path: string, more: Given["environment"] = {}): Given => ({
    shell: [join(path, "sh")],
    environment: { PATH: path, ...more },
  });

  for (const [name, fetcher] of [
    ["wget", ["wget"]],
    ["the wget of busybox", ["busybox"]],
  ] as const) {
    test(`fetches by ${name} where curl is missing`, async () => {
      using programs = pathOf([...basic, "ssh-keygen", ...fetcher]);
      if (fetcher[0] === "busybox") {
        symlinkSync(join(programs.path, "busybox"), join(programs.path, "wget"));
      }
      const ran = await attempt(unchanged, [], given(programs.path));
      expect(ran).toMatchObject({ code: 0, err: "" });
      const lost = await attempt(unchanged, ["--version", "9.9.9"], given(programs.path));
      expect([lost.code, lost.files]).toEqual([1, nothing]);
      expect(lost.err).toContain("404");
    });
  }

  test("believes the checksum alone where only ssh-keygen is missing, and says so", async () => {
    using programs = pathOf([...basic, "curl"]);
    const ran = await attempt(unchanged, [], given(programs.path));
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toContain(
      "  checked     SHA-256; not the signature, since ssh-keygen is not installed\n",
    );
  });

  test("believes nothing where both curl and ssh-keygen are", async () => {
    using programs = pathOf([...basic, "wget"]);
    const ran = await attempt(unchanged, [], given(programs.path));
    expect([ran.code, ran.err, ran.files]).toEqual([
      1,
      lines(
        "without curl the signature must be checked, and ssh-keygen is missing",
        "install curl, or openssh-client",
      ),
      [],
    ]);
  });

  test("names what else is missing", async () => {
    for (const [without, error] of [
      ["curl", "neither curl nor wget is installed"],
      ["gzip", "gzip is missing"],
      ["sha256sum", "neither sha256sum nor shasum is installed"],
    ] as const) {
      using programs = pathOf([...basic, "curl", "ssh-keygen"].filter((each) => each !== without));
      const ran = await attempt(unchanged, [], given(programs.path));
      expect([ran.code, ran.files]).toEqual([1, []]);
      expect(ran.err).toContain(`peernet: error: ${error}\n`);
    }
  });

  test("needs a home, or a folder", async () => {
    const ran = await attempt(unchanged, [], { environment: { HOME: undefined } });
    expect([ran.code, ran.err]).toEqual([
      1,
      lines("HOME is not set", "set HOME, or give --dir FOLDER"),
    ]);
    using ada = person();
    const environment = { HOME: undefined };
    const told = await attempt(unchanged, ["--dir", ada.home], { environment });
    expect(told).toMatchObject({ code: 0, err: "" });
    expect(told.out).toContain(`  installed   ${ada.home}/peernet\n`);
    expect(told.out).toContain("  PATH        not changed; in each terminal:");
  });
});

describe("install.sh where it cannot write", () => {
  test("says so of a folder that cannot be made", async () => {
    using ada = person();
    writeFileSync(join(ada.home, "file"), "");
    const ran = await attempt(unchanged, ["--dir", join(ada.home, "file/bin")]);
    expect([ran.code, ran.err]).toEqual([
      1,
      lines(
        `the folder ${ada.home}/file/bin cannot be made`,
        "give --dir FOLDER, one that is yours",
      ),
    ]);
  });

  skipUnless(canMount, noDisk)("says so of a folder that may only be read", async () => {
    using disk = smallDisk();
    mkdirSync(join(disk.path, "bin"));
    Bun.spawnSync(["mount", "-o", "remount,ro", disk.path]);
    const ran = await attempt(unchanged, ["--dir", join(disk.path, "bin")]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`the folder ${disk.path}/bin cannot be written\n`);
  });

  skipUnless(canMount, noDisk)("says so of a full disk, and keeps what was there", async () => {
    using disk = smallDisk();
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    const words = ["--dir", disk.path];
    expect((await ada.install(served.installer(), words)).code).toBe(0);
    const before = readFileSync(join(disk.path, "peernet"), "utf8");
    served.add("0.2.0", { executable: Buffer.alloc(1_000_000, "x") });
    for (const pagesLeft of [0, 1, 2, 3, 20]) {
      disk.fill(pagesLeft);
      const ran = await ada.install(served.installer(), words);
      expect(ran.code).toBe(1);
      expect(ran.err).toMatch(/no space is left in |cannot be written/);
      expect(readFileSync(join(disk.path, "peernet"), "utf8")).toBe(before);
      disk.free();
    }
  });

  test("installs though the shell's file cannot be written, and says the line", async () => {
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    mkdirSync(join(ada.home, ".profile"));
    const ran = await ada.install(served.installer());
    expect(ran.code).toBe(0);
    expect(ran.out).toContain("  PATH        ~/.profile cannot be written; in each terminal:");
  });
});
