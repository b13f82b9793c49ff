import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StateFiles } from "../../src/platform/effects.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { skipUnless } from "../support/skip.ts";
import { type Folder, folder, isRoot, looks, notRoot, otherUser, refusal } from "./folders.ts";

const asRoot = skipUnless(isRoot, notRoot);

/** Every way to use a file by name. */
const uses: Readonly<Record<string, (files: StateFiles, name: string) => unknown>> = {
  read: (files, name) => files.read(name),
  write: (files, name) => files.write(name, "new"),
  append: (files, name) => files.append(name, "new"),
  check: (files, name) => files.check(name),
};

/** A folder with a file in it, and one outside of it. */
function home(): Folder & { readonly files: StateFiles; readonly outside: string } {
  const { path, [Symbol.dispose]: dispose } = folder();
  const state = join(path, "state");
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, "file"), "kept", { mode: 0o600 });
  writeFileSync(join(path, "outside"), "kept", { mode: 0o600 });
  const outside = join(path, "outside");
  return { path: state, files: stateFiles(state), outside, [Symbol.dispose]: dispose };
}

for (const [name, use] of Object.entries(uses)) {
  describe(`${name}()`, () => {
    test(`${name}() refuses a symbolic link, and leaves it and its target as they are`, () => {
      using state = home();
      const link = join(state.path, "link");
      for (const target of [state.outside, join(state.path, "file"), "nowhere"]) {
        symlinkSync(target, link);
        const before = [looks(link), looks(state.outside)];
        expect(refusal(() => use(state.files, "link"))).toEqual({
          code: "state_unsafe",
          message: `${link} is a symbolic link`,
          hint: `replace ${link} by what it points to`,
        });
        expect([looks(link), looks(state.outside)]).toEqual(before);
        state.files.remove("link");
      }
    });

    test(`${name}() refuses a file that is open to others, and leaves it as it is`, () => {
      using state = home();
      const path = join(state.path, "file");
      for (const mode of [0o601, 0o602, 0o604, 0o610, 0o620, 0o640, 0o644, 0o666, 0o777]) {
        chmodSync(path, mode);
        const before = looks(path);
        expect(refusal(() => use(state.files, "file"))).toEqual({
          code: "state_unsafe",
          message: `${path} has mode ${mode.toString(8).padStart(4, "0")}, open to others`,
          hint: `chmod 600 ${path}`,
        });
        expect(looks(path)).toEqual(before);
      }
      chmodSync(path, 0o600);
      use(state.files, "file");
    });

    asRoot(`${name}() refuses a file of another user, and leaves it as it is`, () => {
      using state = home();
      const path = join(state.path, "file");
      chownSync(path, otherUser, otherUser);
      const before = looks(path);
      expect(refusal(() => use(state.files, "file"))).toEqual({
        code: "state_unsafe",
        message: `${path} belongs to another user`,
        hint: `chown -R "$(id -u)" '${path}'`,
      });
      expect(looks(path)).toEqual(before);
    });
  });
}

describe("a folder", () => {
  const opening = (path: string) => refusal(() => stateFiles(path));

  test("stateFiles() refuses a symbolic link to a folder of ours", () => {
    using state = home();
    const link = `${state.path}-link`;
    symlinkSync(state.path, link);
    expect(opening(link)).toEqual({
      code: "state_unsafe",
      message: `${link} is a symbolic link`,
      hint: `replace ${link} by what it points to`,
    });
  });

  test("stateFiles() refuses a folder that others may look into", () => {
    using state = home();
    for (const mode of [0o701, 0o702, 0o704, 0o710, 0o720, 0o740, 0o755, 0o777]) {
      chmodSync(state.path, mode);
      expect(opening(state.path)).toEqual({
        code: "state_unsafe",
        message: `${state.path} has mode 0${mode.toString(8)}, open to others`,
        hint: `chmod 700 ${state.path}`,
      });
    }
  });

  asRoot("stateFiles() refuses a folder of another user", () => {
    using state = home();
    chownSync(state.path, otherUser, otherUser);
    expect(opening(state.path).message).toBe(`${state.path} belongs to another user`);
  });

  test("stateFiles() refuses a file in place of the folder, and in place of one above", () => {
    using state = home();
    for (const path of [state.outside, join(state.outside, "below")]) {
      const { code, message, hint } = opening(path);
      expect(code).toBe("state_unsafe");
      expect(message).toStartWith(`${path} cannot be made (E`);
      expect(hint).toBe(`make ${path} a folder of yours`);
    }
  });

  test("read() and write() refuse a folder below that is a link or open to others", () => {
    using state = home();
    const keys = join(state.path, "keys");
    mkdirSync(keys, { mode: 0o755 });
    const use = [uses.read, uses.write];
    for (const run of use) {
      const { message, hint } = refusal(() => run?.(state.files, "keys/identity.pem"));
      expect([message, hint]).toEqual([
        `${keys} has mode 0755, open to others`,
        `chmod 700 ${keys}`,
      ]);
    }
    state.files.remove("file");
    symlinkSync(keys, join(state.path, "other"));
    for (const run of use) {
      const { message } = refusal(() => run?.(state.files, "other/identity.pem"));
      expect(message).toBe(`${state.path}/other is a symbolic link`);
    }
    expect(looks(keys)).toMatchObject({ content: [] });
  });
});

describe("readOpen()", () => {
  test("readOpen() reads what others may read, and refuses what they may write", () => {
    using state = home();
    const path = join(state.path, "file");
    for (const mode of [0o600, 0o644, 0o640, 0o444]) {
      chmodSync(path, mode);
      expect(state.files.readOpen("file")).toBe("kept");
    }
    for (const mode of [0o602, 0o620, 0o664, 0o666]) {
      chmodSync(path, mode);
      expect(refusal(() => state.files.readOpen("file"))).toEqual({
        code: "state_unsafe",
        message: `${path} has mode 0${mode.toString(8)}, open to others`,
        hint: `chmod 644 ${path}`,
      });
    }
  });

  test("readOpen() refuses a symbolic link", () => {
    using state = home();
    symlinkSync(state.outside, join(state.path, "link"));
    expect(refusal(() => state.files.readOpen("link")).message).toEndWith("is a symbolic link");
  });

  asRoot("readOpen() refuses a file of another user", () => {
    using state = home();
    chownSync(join(state.path, "file"), otherUser, otherUser);
    expect(refusal(() => state.files.readOpen("file")).message).toEndWith(
      "belongs to another user",
    );
  });
});

describe("something else in place of a file", () => {
  test("read(), write() and append() refuse a folder by name", () => {
    using state = home();
    const path = join(state.path, "folder");
    mkdirSync(path, { mode: 0o700 });
    for (const use of [uses.read, uses.write, uses.append]) {
      const { code, message } = refusal(() => use?.(state.files, "folder"));
      expect(code).toBe("state_unsafe");
      expect(message).toContain(path);
    }
  });
});
