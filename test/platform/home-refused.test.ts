import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { PeernetError } from "../../src/contract/errors.ts";
import { privately } from "../../src/platform/files.ts";
import { machine } from "../support/daemon.ts";
import { skipUnless } from "../support/skip.ts";
import { type Folder, folder, isRoot, looks, notRoot, otherUser } from "./folders.ts";

const promise =
  "P2: A state folder, key, database or socket that is a symlink, another user's, or open to others is refused by name, and left as it is.";

/** The content of a home, by names; the folder itself is `.`. */
const names = [
  ".",
  "keys",
  "keys/identity.pem",
  "state.db",
  "control.sock",
  "lock.db",
  "checkpoints",
  "daemon.log",
];

const umask = process.umask();
/** A home in which a daemon has run and ended. */
let used: Folder;
beforeAll(async () => {
  used = folder();
  const laptop = await machine("laptop", { home: join(used.path, "state") });
  await laptop.daemon.stop();
  writeFileSync(join(used.path, "state", "stopped"), "", { mode: 0o600 });
});
afterAll(() => {
  process.umask(umask);
  used[Symbol.dispose]();
});

/** A socket whose server has gone, as a daemon that was killed leaves it. */
function staleSocket(path: string): void {
  const server = privately(() => createServer().listen(`${path}.bound`));
  // Under another name its close does not find it, and so does not unlink it.
  renameSync(`${path}.bound`, path);
  server.close();
}

/** A copy of that home, and the path of one thing in it. */
function copied(name: string): Folder & { readonly home: string; readonly at: string } {
  const { path, [Symbol.dispose]: dispose } = folder();
  cpSync(used.path, path, { recursive: true, preserveTimestamps: true });
  const home = join(path, "state");
  staleSocket(join(home, "control.sock"));
  return { path, home, at: name === "." ? home : join(home, name), [Symbol.dispose]: dispose };
}

/** The refusal of a daemon that is started in a home; ends one that starts. */
async function refusal(home: string): Promise<PeernetError["body"]> {
  try {
    const started = await machine("laptop", { home });
    await started.daemon.stop();
  } catch (error) {
    if (error instanceof PeernetError) return error.body;
    throw error;
  }
  throw new Error("it started");
}

test("a daemon starts in a home that is as another left it", async () => {
  using copy = copied(".");
  const started = await machine("laptop", { home: copy.home });
  expect(await started.calls.status({})).toMatchObject({ machine: { name: "laptop" } });
  await started.daemon.stop();
});

describe(promise, () => {
  for (const name of [...names, "stopped"]) {
    test(`${name} that is a symlink`, async () => {
      using copy = copied(name);
      const target = join(copy.path, "elsewhere");
      renameSync(copy.at, target);
      symlinkSync(target, copy.at);
      const before = [looks(copy.at), looks(target)];
      expect(await refusal(copy.home)).toEqual({
        code: "state_unsafe",
        message: `${copy.at} is a symbolic link`,
        hint: `replace ${copy.at} by what it points to`,
      });
      expect([looks(copy.at), looks(target)]).toEqual(before);
    });

    test(`${name} that is open to others`, async () => {
      using copy = copied(name);
      const mode = name === "." || name === "keys" ? 0o750 : 0o640;
      chmodSync(copy.at, mode);
      const before = looks(copy.at);
      expect(await refusal(copy.home)).toEqual({
        code: "state_unsafe",
        message: `${copy.at} has mode 0${mode.toString(8)}, open to others`,
        hint: `chmod ${mode === 0o750 ? "700" : "600"} ${copy.at}`,
      });
      expect(looks(copy.at)).toEqual(before);
    });

    skipUnless(isRoot, notRoot)(`${name} that is another user's`, async () => {
      using copy = copied(name);
      chownSync(copy.at, otherUser, otherUser);
      const before = looks(copy.at);
      expect(await refusal(copy.home)).toEqual({
        code: "state_unsafe",
        message: `${copy.at} belongs to another user`,
        hint: `chown -R "$(id -u)" '${copy.at}'`,
      });
      expect(looks(copy.at)).toEqual(before);
    });
  }

  // SQLite's files beside a database hold the same data.
  for (const name of ["state.db-wal", "state.db-shm"]) {
    test(`${name} that is a symlink`, async () => {
      using copy = copied(name);
      const target = join(copy.path, "elsewhere");
      writeFileSync(target, "precious");
      symlinkSync(target, copy.at);
      const before = looks(target);
      expect((await refusal(copy.home)).code).toBe("state_unsafe");
      expect(looks(target)).toEqual(before);
    });
  }

  test("a symlink to nowhere, which nothing is made behind", async () => {
    for (const name of ["state.db", "control.sock", "lock.db", "daemon.log", "checkpoints"]) {
      using copy = copied(name);
      const nowhere = join(copy.path, "nowhere");
      rmSync(copy.at);
      symlinkSync(nowhere, copy.at);
      expect((await refusal(copy.home)).message).toBe(`${copy.at} is a symbolic link`);
      expect(existsSync(nowhere)).toBe(false);
    }
  });
});

test("a daemon that refused to start holds nothing, and starts once that is mended", async () => {
  using copy = copied("checkpoints");
  for (const at of [copy.at, join(copy.home, "state.db"), join(copy.home, "keys/identity.pem")]) {
    chmodSync(at, 0o644);
    await refusal(copy.home);
    chmodSync(at, 0o600);
    const started = await machine("laptop", { home: copy.home });
    await started.daemon.stop();
  }
});
