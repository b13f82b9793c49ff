/** The daemon, with each decision committed by itself, at once: the comparator of group commit. */

import { startDaemon } from "../../../src/daemon/daemon.ts";
import { bootClocks } from "../../../src/platform/clock/boot-clock.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { stateFiles } from "../../../src/platform/files.ts";
import { realEffects } from "../../../src/platform/real.ts";

process.umask(0o077);
const { PEERNET_HOME: folder = "" } = process.env;
const daemon = await startDaemon({
  effects: realEffects(stateFiles(folder), bootClocks()),
  config: readConfig({ text: null, environment: process.env }),
  environment: {},
  version: "0.1.0",
  defer: (run) => run(),
});
process.stdout.write(`listens on ${daemon.listen.join(", ")}\n`);
await daemon.told;
await daemon.stop();
process.exit(0);
