/** A frozen daemon: each asker learns of it, and nothing expired is served. */

import { expect } from "bun:test";
import { leaseLifeMs } from "../../src/contract/limits.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { activated, daemonOf, pairUp } from "./daemons.ts";
import { figure, msOf } from "./measure.ts";

const test = skipUnless(isBuilt, notBuilt);
/** Longer than a lease lives, or only a moment. */
const frozenMs = faultsWanted ? leaseLifeMs + 5_000 : 1_500;

test(
  `a daemon that stood still for ${frozenMs / 1_000} s serves no lease that is over`,
  async () => {
    await using mini = await daemonOf("mini");
    await using laptop = await daemonOf("laptop");
    await activated(mini);
    await pairUp(mini, laptop);
    const ask = (timeout_ms: number): Promise<string> =>
      laptop.calls
        .ask({ handle: "mini/hydrate", question: null, thread_id: null, timeout_ms })
        .then(
          () => "ok",
          (error: unknown) => String(Object(error).code),
        );
    expect(await ask(5_000)).toBe("ok");
    process.kill(mini.pid, "SIGSTOP");
    expect(await ask(500)).toBe("peer_timeout");
    await Bun.sleep(frozenMs);
    process.kill(mini.pid, "SIGCONT");
    let first = "";
    const first_ask_ms = await msOf(async () => {
      first = await ask(5_000);
    });
    figure("T34", { frozen_s: frozenMs / 1_000, first, first_ask_ms });
    expect(first).toBe(frozenMs >= leaseLifeMs ? "handle_unknown" : "ok");
    expect(first_ask_ms).toBeLessThan(5_000);
    await activated(mini);
    expect(await ask(5_000)).toBe("ok");
    expect(await mini.calls["audit/verify"]({})).toMatchObject({ ok: true });
  },
  frozenMs + 60_000,
);
