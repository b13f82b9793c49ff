import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../src/cli/cli.ts";
import { PeernetError } from "../../../src/contract/errors.ts";
import { failed, noDaemon, stage } from "../support.ts";

const commands = ["", "status", "summary x", "deactivate", "preview", "audit", "audit verify"];

test("whyAway() has every command say that the daemon was stopped, and when", async () => {
  const home = mkdtempSync(join(tmpdir(), "peernet-away-"));
  try {
    for (const line of commands) {
      const set = stage({
        answers: {
          status: noDaemon,
          summary: noDaemon,
          deactivate: noDaemon,
          preview: noDaemon,
          audit: noDaemon,
          "audit/verify": noDaemon,
        },
      });
      const io = Object.assign(set.io, { home });
      writeFileSync(join(home, "stopped"), String(io.clock.wallMs() - 7_200_000));
      expect([line, await main(line.split(" ").filter(Boolean), io)]).toEqual([line, 3]);
      expect(set.err()).toBe(
        failed("the daemon is stopped: you ran `peernet stop` 2 h ago", "peernet start"),
      );
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test("whyAway() changes no other error", async () => {
  const { whyAway } = await import("../../../src/cli/frame/away.ts");
  const { io } = stage();
  for (const error of [
    new PeernetError("daemon_not_running"),
    new PeernetError("daemon_not_running", { message: "sandboxed" }),
    new PeernetError("handle_unknown"),
  ]) {
    expect(await whyAway(io, error)).toBe(error);
  }
});
