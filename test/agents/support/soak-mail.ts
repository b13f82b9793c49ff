/**
 * Random rounds: messages to a real session, while its hooks, its MCP server, its daemon and its
 * client are killed at random. In the end each text stands in its conversation once.
 * A run with --agents and --long has some rounds of it: mail-soak.test.ts.
 * usage: bun test/agents/support/soak-mail.ts claude|codex ROUNDS SEED [there|not_there]
 */

import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { executable } from "../../support/executable.ts";
import { drawFrom } from "../../support/histories.ts";
import { missing } from "./clients.ts";
import type { Blind, Point } from "./kills.ts";
import { leaveNetworks } from "./loopback.ts";
import type { Machine } from "./machine.ts";
import { left, rowsOf, type Woken } from "./mail.ts";
import { says } from "./peernet.ts";
import { resumed, type Scene, scene, settled } from "./scene.ts";

const [client = "claude", rounds = "200", seed = "1", blind] = process.argv.slice(2);
const points: readonly Point[] = ["PostToolUse", "Stop", "UserPromptSubmit", "mcp"];

/** Kills a machine's daemon, and starts it again. */
async function killDaemon(on: Machine): Promise<void> {
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const isOurs =
      textOf(`/proc/${name}/cmdline`).split("\0")[1] === "daemon" &&
      textOf(`/proc/${name}/environ`).split("\0").includes(`HOME=${on.folder}`);
    if (isOurs) process.kill(Number(name), "SIGKILL");
  }
  await on.run(["start"]);
}

function textOf(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  } catch {
    return "";
  }
}

/** Waits until the session is idle, as long as it is there. */
const calm = (at: Scene): Promise<unknown> => says(at.mini, "idle").catch(() => null);

async function soak(at: Scene): Promise<readonly string[]> {
  const draw = drawFrom(Number(seed));
  const texts: string[] = [];
  const killed = new Map<string, number>();
  const count = (what: string): void => void killed.set(what, (killed.get(what) ?? 0) + 1);
  for (let round = 0; round < Number(rounds); round += 1) {
    at.kills.none();
    const point = draw.pick([...points, null, null]);
    if (point !== null) at.kills.at(point);
    for (let each = draw.between(1, 2); each > 0; each -= 1) {
      const text = `TOKEN-${seed}-${texts.length}-`;
      texts.push(text);
      await left(at.laptop, "mini/hydrate", text);
      if (draw.oneIn(2)) await at.session.prompt(`round ${round}`, at.stub).catch(() => null);
    }
    await Bun.sleep(draw.below(2_500));
    const end = draw.pick(["client", "daemon", "none", "none"]);
    if (point !== null) count(point);
    if (end === "daemon") await killDaemon(at.mini);
    if (end !== "none") count(end);
    at.kills.none();
    // Claude Code starts no other server in a session whose server died.
    if (end === "client" || point === "mcp") await resumed(at);
    await calm(at);
    console.log(`round ${round}: ${point ?? "-"} ${end}`);
  }
  const times = await settled(at);
  console.log(`killed: ${[...killed].map(([what, n]) => `${what} ${n}`).join(", ")}`);
  const states = rowsOf(at.mini, "SELECT state, count(*) AS n FROM handover GROUP BY state");
  console.log(`handovers: ${JSON.stringify(states)}`);
  const counted = texts.map((text) => `${text} ${times(text)}`);
  for (const line of counted.filter((each) => !each.endsWith(" 1"))) explain(at, line);
  return counted;
}

/** Prints the rows of a message that is not in the conversation once. */
function explain({ mini }: Scene, line: string): void {
  const text = line.slice(0, line.lastIndexOf("-") + 1);
  const sql = `SELECT m.message_id, m.stage, m.unread, h.* FROM message m
    LEFT JOIN handover h ON h.nonce = m.handover
    WHERE m.direction = 'in' AND m.text LIKE '%${text}%'`;
  for (const row of rowsOf<{ message_id: string; record: string | null }>(mini, sql)) {
    console.log(JSON.stringify(row));
    const stages = `SELECT stage, evidence, at_ms FROM message_stage
      WHERE direction = 'in' AND message_id = '${row.message_id}'`;
    console.log(JSON.stringify(rowsOf(mini, stages)));
    const record = row.record === null ? "" : textOf(row.record);
    const lines = record.split("\n").filter((each) => each.includes(text));
    console.log(`in its record ${lines.length} times, of ${record.length} characters`);
    for (const each of lines) console.log(each.slice(0, 2_000));
  }
  const handed = "SELECT at_ms, outcome, details FROM audit WHERE verb = 'handover' ORDER BY seq";
  for (const each of rowsOf(mini, handed)) console.log(JSON.stringify(each));
}

for (const each of ["claude", "codex"] as const) {
  const why = missing(each);
  if (why !== null) throw new Error(why);
}
if (!leaveNetworks()) throw new Error("a soak needs root, to leave every network");
console.log(`${client}, ${rounds} rounds, seed ${seed}, ${realpathSync(executable)}`);
const at = await scene(client as Woken, (blind as Blind | undefined) ?? null);
let counts: readonly string[] = [];
try {
  counts = await soak(at);
} finally {
  await at[Symbol.asyncDispose]();
}
const wrong = counts.filter((line) => !line.endsWith(" 1"));
console.log(`${counts.length} messages, ${counts.length - wrong.length} once; ${wrong.join("; ")}`);
process.exit(wrong.length === 0 ? 0 : 1);
