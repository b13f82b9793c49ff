/** The text of a message leaves no trace but in the databases: no argument, log, record or hook. */

import { expect, setDefaultTimeout } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { agent, attended, workTree } from "../hook/agent.ts";
import { home } from "../support/executable.ts";
import { configure, everywhere } from "../support/hooks.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { pairTwo } from "./pairing.ts";
import { canSeeProcesses, noProcesses } from "./processes.ts";

const test = skipUnless(canSeeProcesses, noProcesses);
setDefaultTimeout(60_000);

const secret = "the-word-that-nobody-else-may-read";

/** The files below a folder that hold the text, without the databases. */
const filesWith = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .filter((path) => !/state\.db(-wal|-shm)?$/.test(path))
    .filter((path) => readFileSync(path, "latin1").includes(secret));

/** The processes of this machine in whose arguments or environment the text stands. */
const processesWith = (): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
    .filter((path) => readOrNothing(path).includes(secret));

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

test(
  "P56: The text of a message is in no argument, log, audit record or hook output of peernet, " +
    "and in no file of its own but its database.",
  async () => {
    await using mini = home("mini");
    await using laptop = home("laptop");
    configure(mini.folder, everywhere);
    for (const each of [mini, laptop]) await each.json(["start"]);
    await pairTwo(mini, laptop);
    const { calls } = connect(join(mini.environment.PEERNET_HOME ?? "", "control.sock"), {
      timers,
    });
    const entries = [{ scope: "message" as const, names: null }];
    await calls["peers/grant"]({ name: "laptop", entries, hold: false });
    const cwd = workTree(mini, "hydrate");
    await using claude = agent({ home: mini, cwd, environment: attended });
    const outputs = [await claude.on("SessionStart", { source: "startup" })];
    await until("laptop knows its rights", async () => {
      const { out } = await laptop.run(["peers", "show", "mini", "--json"]);
      return JSON.parse(out).grants.ours.includes("message");
    });
    const found: string[] = [];
    let isDone = false;
    const sending = laptop
      .run(["send", "mini/hydrate", "-"], { stdin: `${secret}\nline 2\n` })
      .finally(() => {
        isDone = true;
      });
    await until("it was sent", () => {
      found.push(...processesWith());
      return isDone;
    });
    const sent = await sending;
    expect([sent.code, sent.out + sent.err]).toEqual([0, expect.not.stringContaining(secret)]);
    outputs.push(await claude.on("UserPromptSubmit", { prompt: "go on" }));
    outputs.push(await claude.on("PostToolUse", { tool_name: "Bash", tool_response: {} }));
    outputs.push(await claude.on("Stop", { stop_hook_active: false }));
    for (const { out, err } of outputs) expect(out + err).not.toContain(secret);
    // The notice is there: the hooks had something to say.
    expect(outputs.map(({ out }) => out).join("")).toContain("message");
    const shown = await mini.run(["inbox", "--all", "--json"]);
    expect(shown.out).toContain(secret);
    for (const each of [mini, laptop]) {
      const { out } = await each.run(["audit", "--all", "--json"]);
      expect(out).toContain('"message"');
      expect(out).not.toContain(secret);
      found.push(...filesWith(each.folder));
    }
    expect(found).toEqual([]);
  },
);
