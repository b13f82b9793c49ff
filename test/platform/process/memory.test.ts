import { expect } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { home } from "../home.ts";

const onLinux = skipUnless(process.platform === "linux", "there is no /proc");
const anyCore = ["sh", "-c", 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"', "sh"];

onLinux("forbidCoreFiles() leaves no way to a core file, nor into this process's memory", () => {
  const script = join(import.meta.dir, "guarded.ts");
  const child = Bun.spawnSync([...anyCore, process.execPath, script], { stderr: "inherit" });
  const { before, after } = JSON.parse(child.stdout.toString());
  expect(before.dumpable).toBe(1);
  // Neither the soft limit nor the hard one, which cannot be raised again.
  expect(after).toEqual({ dumpable: 0, core: ["0", "0"] });
});

onLinux(
  "a daemon forbids its core files before it listens",
  async () => {
    using state = home("022");
    const daemon = state.daemon(...anyCore);
    await until("it listens", () => existsSync(join(state.path, "control.sock")));
    const limits = readFileSync(`/proc/${daemon.pid}/limits`, "utf8");
    expect(limits).toMatch(/^Max core file size +0 +0 +bytes/m);
    state.run("stop");
    expect(await daemon.exited).toBe(0);
  },
  60_000,
);
