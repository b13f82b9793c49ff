/**
 * The installer's detection of the system, the PATH and the shell, and the things that it leaves
 * alone.
 */

import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { type Given, person } from "./person.ts";
import { releases, standIn, target } from "./release.ts";

/** Runs the installer where programs of the system say something else. */
async function on(
  programs: Readonly<Record<string, string>>,
  words: readonly string[] = ["--dry-run"],
  given: Given = {},
) {
  using served = releases();
  served.add("0.1.0");
  const piped = readFileSync(served.installer(), "utf8");
  using ada = person();
  const folder = join(ada.home, "programs");
  mkdirSync(folder);
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const environment = { PATH: `${folder}:/usr/bin:/bin`, ...given.environment };
  const ran = await ada.install("", words, { piped, ...given, environment });
  return { ...ran, asked: [...served.asked] };
}

const uname = (system: string, processor: string) => ({
  uname: `if [ "$1" = -s ]; then echo ${system}; else echo ${processor}; fi`,
});

describe("install.sh finds", () => {
  for (const [name, programs, found] of [
    ["Linux on x86_64", uname("Linux", "x86_64"), "linux-x64"],
    ["Linux on aarch64", uname("Linux", "aarch64"), "linux-arm64"],
    ["macOS on arm64", uname("Darwin", "arm64"), "darwin-arm64"],
    [
      "macOS on x86_64",
      { ...uname("Darwin", "x86_64"), sysctl: "echo 'unknown oid' >&2; exit 1" },
      "darwin-x64",
    ],
    [
      "macOS on arm64 under Rosetta",
      { ...uname("Darwin", "x86_64"), sysctl: '[ "$2" = sysctl.proc_translated ] && echo 1' },
      "darwin-arm64",
    ],
  ] as const) {
    test(`${name}: ${found}`, async () => {
      const ran = await on(programs);
      expect(ran).toMatchObject({ code: 0, err: "", asked: [] });
      expect(ran.out).toContain(`would fetch the latest release for ${found} from http://127.0`);
      expect(ran.out).toContain("would install ~/.local/bin/peernet\n");
    });
  }

  for (const [system, processor, error, hint] of [
    ["MINGW64_NT-10.0", "x86_64", "peernet does not run on Windows itself", "inside WSL"],
    ["FreeBSD", "amd64", "there is no executable for FreeBSD", "see the README"],
    ["Linux", "riscv64", "there is no executable for Linux on riscv64", "see the README"],
  ] as const) {
    test(`that nothing runs on ${system} on ${processor}`, async () => {
      const ran = await on(uname(system, processor), []);
      expect([ran.code, ran.asked]).toEqual([1, []]);
      expect(ran.err).toContain(`peernet: error: ${error}\n`);
      expect(ran.err).toContain(hint);
    });
  }
});

describe("install.sh puts its folder on the PATH", () => {
  for (const [shell, file, line] of [
    ["/bin/zsh", ".zprofile", 'export PATH="$HOME/.local/bin:$PATH" # peernet\n'],
    ["/bin/bash", ".bashrc", 'export PATH="$HOME/.local/bin:$PATH" # peernet\n'],
    ["/usr/bin/fish", ".config/fish/config.fish", 'fish_add_path "$HOME/.local/bin" # peernet\n'],
    ["", ".profile", 'export PATH="$HOME/.local/bin:$PATH" # peernet\n'],
  ] as const) {
    test(`in ${file} for ${shell || "no known shell"}, after what is there`, async () => {
      using served = releases();
      served.add("0.1.0");
      using ada = person();
      mkdirSync(join(ada.home, file, ".."), { recursive: true });
      writeFileSync(join(ada.home, file), "# mine");
      const ran = await ada.install(served.installer(), [], { environment: { SHELL: shell } });
      expect(ran).toMatchObject({ code: 0, err: "" });
      expect(ada.read(file)).toBe(`# mine\n${line}`);
    });
  }

  test("not where it is already, or was not to, and says which comes first", async () => {
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    const told = await ada.install(served.installer(), ["--no-modify-path"]);
    expect(told.out).toContain("  PATH        not changed; in each terminal:  export PATH=");
    expect(ada.read(".profile")).toBeNull();
    const before = join(ada.home, "before");
    mkdirSync(before);
    writeFileSync(join(before, "peernet"), standIn("0.0.1", target), { mode: 0o755 });
    const environment = { PATH: `${before}:/usr/bin:/bin:${ada.folder}` };
    const other = await ada.install(served.installer(), [], { environment });
    expect(other.out).not.toContain("PATH  ");
    expect(other.out).toContain("  note        ~/before/peernet comes first on your PATH\n");
    expect(ada.read(".profile")).toBeNull();
  });
});

describe("install.sh", () => {
  test("obeys nothing that lies in the folder it is run in", async () => {
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    const hostile = join(ada.home, "hostile");
    mkdirSync(hostile);
    for (const name of ["curl", "peernet", "uname", "gzip", "ssh-keygen"]) {
      writeFileSync(join(hostile, name), `#!/bin/sh\n: >${ada.home}/ran\n`, { mode: 0o755 });
    }
    writeFileSync(join(hostile, ".env"), "HOME=/nowhere\n");
    const ran = await ada.install(served.installer(), [], { cwd: hostile });
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ada.read("ran")).toBeNull();
  });

  test("asks no proxy for what is on this machine", async () => {
    const proxy = "http://127.0.0.1:9";
    const environment = { http_proxy: proxy, https_proxy: proxy, ALL_PROXY: proxy };
    const ran = await on({}, [], { environment });
    expect(ran).toMatchObject({ code: 0, err: "" });
  });

  test("does nothing when it is cut short anywhere", async () => {
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    const whole = readFileSync(served.installer(), "utf8").trimEnd();
    const cuts = Array.from({ length: 60 }, (_, at) => Math.floor((whole.length * at) / 60));
    const last = Array.from({ length: 30 }, (_, at) => whole.length - 1 - at);
    for (const cut of [...cuts, ...last]) {
      await ada.install("", [], { piped: whole.slice(0, cut) });
      expect([cut, ada.files(), served.asked]).toEqual([cut, [], []]);
    }
  });

  test("that is killed leaves the old executable, and the next one cleans up", async () => {
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    await ada.install(served.installer());
    const slow = `${standIn("0.2.0", target)}\n`.replace("version --json", "version --jso");
    const executable = Buffer.from(slow.replace("esac", "*) exec sleep 60 ;;\nesac"));
    served.add("0.2.0", { executable });
    const child = Bun.spawn(["sh", served.installer()], {
      env: { PATH: "/usr/bin:/bin", HOME: ada.home },
      stdout: "ignore",
    });
    const working = (): string[] =>
      ada.files().filter((name) => name.endsWith("/peernet") && name.includes(".peernet-install"));
    await until("the new executable is being tried", () => working().length === 1);
    child.kill("SIGKILL");
    await child.exited;
    expect(ada.read(".local/bin/peernet")).toBe(standIn("0.1.0", target));
    served.add("0.2.0");
    expect((await ada.install(served.installer())).code).toBe(0);
    expect(ada.read(".local/bin/peernet")).toBe(standIn("0.2.0", target));
    expect(ada.files().filter((name) => name.includes("peernet-install"))).toEqual([]);
  });

  test("that is interrupted cleans up itself", async () => {
    using served = releases();
    served.add("0.1.0");
    using ada = person();
    const script = readFileSync(served.installer(), "utf8");
    const waits = script.replace("try_executable() {", "try_executable() {\n  sleep 0.3");
    const child = Bun.spawn(["sh", "-s"], {
      env: { PATH: "/usr/bin:/bin", HOME: ada.home },
      stdin: Buffer.from(waits),
      stdout: "ignore",
    });
    await until("it has fetched", () => ada.files().some((name) => name.endsWith("/peernet")));
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    expect(ada.files()).toEqual([".local", ".local/bin"]);
  });
});
