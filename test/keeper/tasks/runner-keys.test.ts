/** Keys of this machine that a run has come by: nothing that holds one leaves. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { canDelegate, cannotDelegate } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";
import { canSign, key } from "./endpoint/support.ts";
import { holders, type Shells, shells } from "./shells.ts";

const test = skipUnless(canDelegate && canSign, `${cannotDelegate}, and openssl`);
let at: Shells;
beforeAll(() => {
  if (canDelegate && canSign) at = shells();
});
afterAll(async () => {
  if (canDelegate && canSign) await at[Symbol.asyncDispose]();
});

const promise =
  "P81: Nothing of a task that leaves holds a key of a runner, as it is, reversed, in " +
  "hexadecimal or in base64.";

describe(promise, () => {
  const half = key.length / 2;
  const [first, second] = [key.slice(0, half), key.slice(half)];
  const found = { state: "failed", reason: "credential" };

  test("that a run prints ends it, and is not in its log", async () => {
    const base64 = Buffer.from(key).toString("base64");
    const encoded = `printf '%s%s' ${first} ${second} | base64 -w0`;
    for (const [name, script] of [
      ["prints", `echo before; printf ${first}; sleep 0.3; echo ${second}; sleep 60`],
      ["errs-key", `echo before; echo ${key} >&2; sleep 60`],
      ["encodes", `echo before; ${encoded}; sleep 60`],
    ] as const) {
      const { order, result, log } = await at.ran(name, script);
      expect(result).toMatchObject({ ...found, measured: { commit: null, bundle: null } });
      expect(log).not.toContain(second);
      expect(JSON.stringify(result)).not.toContain(second);
      expect(holders(join(at.user.state, "tasks", order.task_id), base64)).toEqual([]);
    }
  });

  test("that is in a changed file or in a link keeps all of a run's work here", async () => {
    const clone = join(at.user.folder, "clone");
    mkdirSync(clone);
    giveTo(clone);
    const git = (...words: readonly string[]) => at.user.run(["git", ...words], clone).trim();
    git("init", "-q", "-b", "main");
    at.user.write(join(clone, "a.txt"), "water\n");
    git("add", "-A");
    git("commit", "-qm", "first");
    const given = {
      place: { kind: "repository", name: "clone", path: "~/clone", clone: null } as const,
      ...{ base: git("rev-parse", "HEAD"), profile: "edit" },
    };
    // It is put together inside: no output of the run holds it.
    const whole = `$(printf '%s%s' ${first} ${second})`;
    for (const [name, script] of [
      ["file-key", `mkdir -p d; echo "x ${whole}" > d/new.txt; echo y >> a.txt`],
      ["link-key", `ln -s "/${whole}" link`],
      ["name-key", `echo x > "${whole}"`],
    ] as const) {
      const { order, result } = await at.ran(name, script, given);
      expect([name, result]).toMatchObject([name, found]);
      expect(result.measured).toMatchObject({ commit: null, bundle: null, files_count: 0 });
      expect(readdirSync(at.user.round(order))).not.toContain("tree.bundle");
    }
    const clean = await at.ran("no-key", "echo x > new.txt", given);
    expect(clean.result).toMatchObject({ state: "completed", measured: { files_count: 1 } });
    expect(readdirSync(at.user.round(clean.order))).toContain("tree.bundle");
  });

  test("that is in a claim keeps the claims here", async () => {
    const event = `'{"type":"result","result":"'${[...key].reverse().join("")}'"}'`;
    const { result } = await at.ran("claims-key", `echo ${event}`);
    expect(result).toMatchObject({ ...found, claims: { text: null } });
  });
});
