/** A disk that fails: nobody is answered without a durable record, and all is well soon after. */

import { expect } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askFor, askOn, endOf } from "../daemon/attack/asking.ts";
import { enrol } from "../daemon/attack/pairing.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { hasProgram, skipUnless } from "../support/skip.ts";
import { canMount, noDisk, smallDisk } from "../support/small-disk.ts";
import { until } from "../support/until.ts";
import { activated, daemonOf, type Machine, pairUp } from "./daemons.ts";
import { figure } from "./measure.ts";
import { missing, threadsOf } from "./records.ts";

const traced = isBuilt
  ? skipUnless(hasProgram("strace"), "strace is not there")
  : skipUnless(isBuilt, notBuilt);
const mounted = isBuilt ? skipUnless(canMount, noDisk) : skipUnless(isBuilt, notBuilt);

/** Asks so many times; the threads answered, and the codes of the rest. */
async function ask(laptop: Machine, times: number) {
  const answered: string[] = [];
  const codes = new Set<string>();
  for (let time = 0; time < times; time += 1) {
    const thread_id = Bun.randomUUIDv7();
    const input = { handle: "mini/hydrate", question: "q".repeat(1_000), thread_id };
    await laptop.calls.ask({ ...input, timeout_ms: 2_000 }).then(
      () => answered.push(thread_id),
      (error: unknown) => codes.add(String(Object(error).code)),
    );
  }
  return { answered, codes: [...codes] };
}

/** The time until an ask is answered, in milliseconds. */
async function recovery(laptop: Machine): Promise<number> {
  const startedMs = performance.now();
  await until("mini answers", async () => (await ask(laptop, 1)).answered.length === 1);
  return performance.now() - startedMs;
}

/** Has the system do something to calls of a daemon on the files of its database. */
function injected({ pid, folder }: Machine, calls: string, what: string): Bun.Subprocess {
  const paths = ["-P", join(folder, "state.db-wal"), "-P", join(folder, "state.db")];
  const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:${what}`];
  const options = ["strace", "-f", "-qq", "-o", "/dev/null", ...paths, ...inject];
  return Bun.spawn([...options, "-p", String(pid)], { stdio: ["ignore", "ignore", "ignore"] });
}

/** True when another process traces each call of a process. */
const isTraced = ({ pid }: Machine): boolean =>
  !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

/** Calls that fail with EIO from some time on, on the files of a database. */
const injections = {
  fsync: "fsync,fdatasync",
  write: "pwrite64",
} as const;

for (const [what, calls] of Object.entries(injections)) {
  traced(
    `nobody is answered while every ${what} of the log fails, and soon after it does not`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "peernet-mini-"));
      await using mini = await daemonOf("mini", { folder });
      await using laptop = await daemonOf("laptop");
      await activated(mini);
      await pairUp(mini, laptop);
      const before = await ask(laptop, 3);
      expect(before.answered).toHaveLength(3);
      const tracer = injected(mini, calls, "error=EIO");
      const answered = [...before.answered];
      try {
        await until("the disk fails", async () => {
          const tried = await ask(laptop, 1);
          answered.push(...tried.answered);
          return tried.answered.length === 0;
        });
        const during = await ask(laptop, 10);
        answered.push(...during.answered);
        expect(during.answered).toEqual([]);
        expect(during.codes).toEqual(["storage_full"]);
      } finally {
        tracer.kill("SIGTERM");
        await tracer.exited;
      }
      const ms = await recovery(laptop);
      const without_record = missing(answered, threadsOf(folder, "in"));
      figure("T32", {
        [`eio_${what}_recovery_ms`]: ms,
        [`eio_${what}_answered_without_record`]: without_record,
      });
      expect(ms).toBeLessThan(5_000);
      expect(await mini.calls["audit/verify"]({})).toMatchObject({ ok: true });
      expect(without_record).toBe(0);
    },
    60_000,
  );
}

/** The added delay of each sync: far more than the rest of an answer takes. */
const slowMs = 300;

traced(
  "whoever is answered while every fsync of the log is slow has waited for it, and is on record",
  async () => {
    await using mini = await daemonOf("mini");
    await activated(mini);
    const peer = await enrol(mini);
    using connection = await peer.connect();
    expect(endOf(await askOn(connection, peer))).toBe("200");
    const tracer = injected(mini, injections.fsync, `delay_exit=${slowMs * 1_000}`);
    const waitsMs: number[] = [];
    let withoutRecord = 0;
    try {
      await until("it is traced", () => isTraced(mini));
      for (let time = 0; time < 5; time += 1) {
        const body = askFor();
        const sentMs = performance.now();
        connection.socket.once("data", () => {
          waitsMs.push(performance.now() - sentMs);
          withoutRecord += missing([body.thread_id], threadsOf(mini.folder, "in"));
        });
        expect(endOf(await askOn(connection, peer, body))).toBe("200");
      }
    } finally {
      tracer.kill("SIGTERM");
      await tracer.exited;
    }
    figure("T32", {
      slow_first_byte_ms: Math.min(...waitsMs),
      slow_answered_without_record: withoutRecord,
    });
    expect(waitsMs).toHaveLength(5);
    expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(slowMs);
    expect(withoutRecord).toBe(0);
  },
  60_000,
);

mounted(
  "whoever is answered while a disk fills up is on the record, and there are answers soon after",
  async () => {
    using disk = smallDisk();
    const folder = join(disk.path, "home");
    mkdirSync(folder, { mode: 0o700 });
    await using mini = await daemonOf("mini", { folder });
    await using laptop = await daemonOf("laptop");
    await activated(mini);
    await pairUp(mini, laptop);
    disk.fill(8);
    const during = await ask(laptop, 30);
    expect(during.codes).toContain("storage_full");
    const without_record = missing(during.answered, threadsOf(folder, "in"));
    expect(without_record).toBe(0);
    disk.free();
    const ms = await recovery(laptop);
    figure("T32", { enospc_recovery_ms: ms, enospc_answered_without_record: without_record });
    expect(ms).toBeLessThan(5_000);
    expect(await mini.calls["audit/verify"]({})).toMatchObject({ ok: true });
  },
  60_000,
);
