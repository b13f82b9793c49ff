import { describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { privately, stateFiles } from "../../src/platform/files.ts";
import { settled } from "../support/effects.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { creatingCalls, creations, openFromTheStart } from "./creations.ts";
import { folder, modeOf, notPrivate, under } from "./folders.ts";

const masks = [0o000, 0o002, 0o022, 0o077];
const shown = (mask: number): string => mask.toString(8).padStart(3, "0");

describe("stateFiles()", () => {
  test("stateFiles() makes the folder, and what is missing above it", () => {
    using home = folder();
    const path = join(home.path, "a", "b");
    expect(stateFiles(path).folder).toBe(path);
    expect(lstatSync(path).isDirectory()).toBe(true);
  });

  test("stateFiles() uses a folder that is there as it is", () => {
    using home = folder();
    writeFileSync(join(home.path, "x"), "kept", { mode: 0o600 });
    expect(stateFiles(home.path).read("x")).toBe("kept");
  });

  for (const mask of masks) {
    test(`stateFiles() makes 0600 files in 0700 folders under umask ${shown(mask)}`, () => {
      using home = folder();
      const path = join(home.path, "state");
      under(mask, () => {
        for (const text of ["first", "again"]) {
          const files = stateFiles(path);
          files.write("written", text);
          files.write("keys/identity.pem", text);
          files.append("appended", text);
          expect(notPrivate(path)).toEqual([]);
          expect(readdirSync(path).sort()).toEqual(["appended", "keys", "written"]);
          // And the same once more after everything was taken away.
          rmSync(path, { recursive: true });
        }
      });
    });
  }

  test("write() and append() make files that can be read again, whatever a umask takes", () => {
    using home = folder();
    const files = stateFiles(home.path);
    under(0o777, () => {
      files.write("written", "x");
      files.append("appended", "x");
    });
    expect(notPrivate(home.path)).toEqual([]);
  });
});

const withStrace = skipUnless(hasProgram("strace"), "strace is not there");

withStrace("stateFiles() makes nothing that is open to others even for a moment", () => {
  using outside = folder();
  const [path, trace] = [join(outside.path, "state"), join(outside.path, "trace")];
  const script = join(import.meta.dir, "writer.ts");
  const command = [
    "strace",
    "-f",
    "-o",
    trace,
    "-e",
    creatingCalls,
    process.execPath,
    script,
    path,
  ];
  expect(under(0o000, () => Bun.spawnSync(command, { stderr: "inherit" })).exitCode).toBe(0);
  const made = creations(readFileSync(trace, "utf8"), 0).filter((each) =>
    each.path.startsWith(path),
  );
  const names = [
    "",
    "/keys",
    "/written.next",
    "/keys/identity.pem.next",
    "/appended",
    "/daemon.log",
  ];
  const paths = made.map((creation) => creation.path);
  for (const name of names) expect(paths).toContain(path + name);
  expect(openFromTheStart(made)).toEqual([]);
});

describe("read()", () => {
  test("read() is null where there is no file, and no folder", () => {
    using home = folder();
    const files = stateFiles(home.path);
    expect([files.read("x"), files.read("keys/x"), files.readOpen("x")]).toEqual([
      null,
      null,
      null,
    ]);
    expect(readdirSync(home.path)).toEqual([]);
  });

  test("read() gives back what was written, to the byte", () => {
    using home = folder();
    const files = stateFiles(home.path);
    for (const text of ["", "x", "水\0\r\n🚰", "x".repeat(1_000_000)]) {
      files.write("file", text);
      expect(files.read("file") === text).toBe(true);
    }
  });
});

describe("write()", () => {
  test("write() replaces the file: a reader of the old one keeps the old one", () => {
    using home = folder();
    const files = stateFiles(home.path);
    files.write("file", "old");
    const before = lstatSync(join(home.path, "file")).ino;
    files.write("file", "new");
    expect(files.read("file")).toBe("new");
    expect(lstatSync(join(home.path, "file")).ino).not.toBe(before);
    expect(readdirSync(home.path)).toEqual(["file"]);
  });

  test("write() is not held up by what a write that was cut off left behind", () => {
    using home = folder();
    const files = stateFiles(home.path);
    writeFileSync(join(home.path, "file.next"), "half", { mode: 0o644 });
    files.write("file", "whole");
    expect(files.read("file")).toBe("whole");
    expect(readdirSync(home.path)).toEqual(["file"]);
  });
});

describe("append()", () => {
  test("append() adds to the end of what is there", () => {
    using home = folder();
    const files = stateFiles(home.path);
    for (const text of ["a\n", "", "b\n"]) files.append("lines", text);
    expect(files.read("lines")).toBe("a\nb\n");
  });

  test("append() makes no folder", () => {
    using home = folder();
    const files = stateFiles(home.path);
    expect(() => files.append("missing/lines", "x")).toThrow("missing/lines cannot be written");
    expect(existsSync(join(home.path, "missing"))).toBe(false);
  });
});

describe("has()", () => {
  test("has() is true for whatever has the name, also a link that leads nowhere", () => {
    using home = folder();
    const files = stateFiles(home.path);
    files.write("keys/file", "x");
    symlinkSync("nowhere", join(home.path, "link"));
    expect(["keys", "keys/file", "link", "missing", "keys/missing"].map(files.has)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("remove()", () => {
  test("remove() takes a file away, and is content when there is none", () => {
    using home = folder();
    const files = stateFiles(home.path);
    files.write("file", "x");
    for (let times = 0; times < 2; times += 1) files.remove("file");
    expect(readdirSync(home.path)).toEqual([]);
  });
});

describe("privately()", () => {
  test("privately() lets a socket be 0600 as soon as it is there, and puts the umask back", () => {
    using home = folder();
    const path = join(home.path, "socket");
    under(0o000, () => {
      const server = privately(() => createServer().listen(path));
      try {
        expect(modeOf(path)).toBe("0600");
      } finally {
        server.close();
      }
      mkdirSync(join(home.path, "after"));
      expect(modeOf(join(home.path, "after"))).toBe("0777");
    });
  });

  test("privately() puts the umask back when what it runs throws", async () => {
    const before = process.umask();
    expect(() =>
      privately(() => {
        throw new Error("no socket");
      }),
    ).toThrow("no socket");
    expect(process.umask()).toBe(before);
    await settled();
  });
});

test("lengthen() adds zeros to a file, makes none, and shortens none", () => {
  using home = folder();
  const files = stateFiles(join(home.path, "state"));
  files.lengthen("file", 4);
  expect(files.has("file")).toBe(false);
  files.write("file", "ab");
  files.lengthen("file", 5);
  expect(files.read("file")).toBe("ab\0\0\0");
  files.lengthen("file", 1);
  expect(files.read("file")).toBe("ab\0\0\0");
});
