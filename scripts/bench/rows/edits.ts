/** P22: the hook before an edit, the whole process, of which each one warns. */

import { pathDigest } from "../../../src/session/overlap.ts";
import { inTurn, timed } from "../measure.ts";
import { executable, machine, root } from "../parts.ts";
import type { Row } from "../results.ts";
import type { Told } from "./asks.ts";

const identity = "a".repeat(40);
const paths = Array.from({ length: 128 }, (_, at) => pathDigest(identity, `src/${at}.ts`));

/** The hook before an edit of a file that another session has changed, beside `version`. */
export async function p22({ rounds }: Told): Promise<readonly Row[]> {
  const on = machine("mini");
  await on.start();
  const works = async (name: string, tree: string): Promise<void> => {
    const given = { session_id: name, process: { pid: process.pid, start_time: name }, sole: true };
    const place = { cwd: tree, project: "bench", harness: "claude-code" };
    const { generation } = await on.calls.activate({ name, ...given, ...place });
    const changed = { identity, root: tree, paths, more: false };
    await on.calls.renew({ beats: [{ name, generation }], changed });
  };
  await works("other", "/elsewhere");
  let edits = 0;
  const ours = async (): Promise<number> => {
    // A session is warned a few times an hour: each edit is of another one.
    edits += 1;
    const session_id = `edit-${edits}`;
    await works(session_id, root);
    const tool_input = { file_path: `${root}/src/1.ts` };
    const about = { session_id, cwd: root, hook_event_name: "PreToolUse", tool_name: "Edit" };
    const stdin = Buffer.from(JSON.stringify({ ...about, tool_input }));
    let out = "";
    const took = await timed(async () => {
      const ran = Bun.spawnSync([executable, "hook", "claude-code"], { env: { ...on.env }, stdin });
      out = ran.stdout.toString();
    });
    await on.calls.deactivate({ session_id });
    return out.includes("has changed this file") ? took : Number.POSITIVE_INFINITY;
  };
  const theirs = (): Promise<number> =>
    timed(async () => {
      Bun.spawnSync([executable, "version"], { env: { ...on.env }, stdin: "ignore" });
    });
  const taken = await inTurn({ ours, theirs }, { rounds: rounds * 2 });
  return [
    {
      id: "P22",
      metric: "the hook before an edit that it warns of, complete process",
      unit: "ms",
      comparator: "`peernet version`",
      ...taken,
      goal: 2,
      moonshot: 1.5,
    },
  ];
}
