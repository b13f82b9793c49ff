/** The start of a reader by an ordinary user's executable, and what counts as proof. */

import { afterAll, describe, expect } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canaryLine } from "../../../src/contract/reads/sandbox.ts";
import { canaryCount } from "../../../src/keeper/sandbox/canaries.ts";
import { executable, isBuilt } from "../../support/executable.ts";
import { canBeOrdinary, giveTo, ordinarily, ordinaryFolder } from "../../support/ordinary.ts";
import { hasProgram, skipUnless } from "../../support/skip.ts";

const test = skipUnless(canBeOrdinary && isBuilt, "needs the built executable, and Linux");
const folder = ordinaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const program = join(folder, "peernet");
if (isBuilt) copyFileSync(executable, program);

// Doctor looks at the sandbox of a machine that has a policy.
const state = join(folder, ".peernet");
mkdirSync(state, { mode: 0o700 });
writeFileSync(join(state, "policy.toml"), "version = 1\n", { mode: 0o600 });
for (const path of [state, join(state, "policy.toml")]) giveTo(path);

const environment = { PATH: "/usr/bin:/bin", HOME: folder, TMPDIR: folder };

interface Check {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly fix: string | null;
}

/** The sandbox as doctor tells it, run behind some words. */
async function told(before: readonly string[]): Promise<Check> {
  const child = Bun.spawn([...before, program, "doctor", "--json"], {
    cwd: "/",
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { checks }: { checks: readonly Check[] } = JSON.parse(
    await new Response(child.stdout).text(),
  );
  const found = checks.find(({ name }) => name === "sandbox");
  if (found === undefined) throw new Error("doctor tells nothing of the sandbox");
  return found;
}

describe("proveSandbox()", () => {
  test("builds a wall and passes every canary as an ordinary user", async () => {
    const { state, detail } = await told(ordinarily);
    const both = "bubblewrap, Landlock and seccomp hold: every canary passed";
    if (state === "ok") expect(detail).toBe(both);
    else expect(detail).toStartWith("Landlock and seccomp hold; ");
  });

  test("leaves no file of its canaries behind", async () => {
    await told(ordinarily);
    expect(readdirSync(folder).filter((name) => name.startsWith("reader-"))).toEqual([]);
  });

  const asRoot = skipUnless(process.getuid?.() === 0 && isBuilt, "needs root");
  asRoot("builds no wall for root, and says what to do", async () => {
    expect(await told([])).toEqual({
      name: "sandbox",
      state: "failed",
      detail: "the walls hold no process of root",
      fix: "run peernet as an ordinary user",
    });
  });

  const hiding = skipUnless(
    process.getuid?.() === 0 && isBuilt && hasProgram("bwrap"),
    "needs root and bubblewrap",
  );
  hiding("falls back to Landlock where bubblewrap does not run, and says what to do", async () => {
    const hide = ["unshare", "--mount", "sh", "-c"];
    const words = 'mount --bind /bin/false "$(command -v bwrap)" && exec "$@"';
    expect(await told([...hide, words, "sh", ...ordinarily])).toEqual({
      name: "sandbox",
      state: "warning",
      detail:
        "Landlock and seccomp hold; the system forbids bubblewrap its namespaces, " +
        "so names outside can be tested",
      fix: "sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000",
    });
  });
});

/** Runs the reader by hand, in a room of the test's own. */
async function ranIn(room: Readonly<Record<string, unknown>>): Promise<string> {
  const child = Bun.spawn([...ordinarily, program, "reader"], {
    cwd: "/",
    env: { ...environment, PEERNET_READER: JSON.stringify(room) },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return new Response(child.stdout).text();
}

describe("peernet reader", () => {
  test("ends at once when its starter is another build", async () => {
    const text = await ranIn({ build: "another", nonce: "n" });
    expect(text).toBe("unsafe peernet was updated meanwhile\n");
    expect(text).not.toContain(canaryLine("n", canaryCount, canaryCount));
  });

  test("reports nothing when a wall cannot be put up", async () => {
    const version = Bun.spawnSync([program, "version", "--json"], { env: environment });
    const { version: number, commit, target } = JSON.parse(version.stdout.toString());
    const build = `${number} ${commit} ${target}`;
    const absent = { objects: ["/nonexistent/objects"], libraries: [], shell: "/tmp", git: null };
    const room = { ...absent, build, nonce: "n", wall: "landlock", planted: "/tmp/x", home: "/" };
    expect(await ranIn({ ...room, parent: process.pid, starter: process.pid })).toBe("");
  });
});
