/** A state folder that was copied and is in use in two places at once. */

import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadOrCreate } from "../../../src/peer/identity.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { random, sha256 } from "../../../src/platform/real.ts";
import { type Machine, machine, pair } from "../../support/daemon.ts";
import { hello } from "../attack/asking.ts";
import { connectTo } from "../attack/connection.ts";
import { rowsOf } from "../attack/disk.ts";

const copies = async (on: Machine) =>
  (await on.calls.doctor({})).checks.filter(({ name }) => name === "copied");

test("doctor shows a peer whose copied state folder is in use at another address", async () => {
  await using on = await machine("on");
  await using laptop = await machine("laptop");
  await pair(on, laptop);
  const copy = mkdtempSync(join(tmpdir(), "peernet-copy-"));
  cpSync(join(laptop.home, "keys"), join(copy, "keys"), { recursive: true });
  const [row] = rowsOf(laptop.home, "SELECT bearer FROM peer");
  // The text column of the row that the pairing wrote.
  const token = (row as { bearer: string }).bearer;
  const identity = loadOrCreate({ files: stateFiles(copy), random, sha256 });
  await laptop.calls.ask({ handle: "on/", question: null, thread_id: null });
  expect(await copies(on)).toEqual([]);
  using elsewhere = await connectTo(on.address, { identity, from: "127.0.0.9" });
  expect((await elsewhere.post("hello", hello, { token }))?.status).toBe(200);
  // So far it may have moved.
  expect(await copies(on)).toEqual([]);
  await laptop.calls.ask({ handle: "on/", question: null, thread_id: null });
  expect(await copies(on)).toEqual([
    {
      name: "copied",
      state: "warning",
      detail: "laptop is heard from 127.0.0.1 and 127.0.0.9 in turns: is its folder copied?",
      fix: "peernet unpair laptop, unless it has both addresses itself",
    },
  ]);
  rmSync(copy, { recursive: true });
});
