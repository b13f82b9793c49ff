/**
 * Brings the end of a task home: the whole result, then its commits into one ref of the asker's
 * clone. Nothing of it is believed before its digest fits; repeated until it is here.
 */

import { PeernetError } from "../../../contract/errors.ts";
import { resultBytesMax } from "../../../contract/tasks/limits.ts";
import { TaskResult } from "../../../contract/tasks/task.ts";
import { hex } from "../../../contract/text/encoding.ts";
import { homeCode, homeReason } from "../../../core/tasks/homecoming.ts";
import { refName, type Task } from "../../../core/tasks/task.ts";
import { instantOf } from "../../../platform/effects.ts";
import { keyOf, recordTask, type TaskParts } from "../parts.ts";
import { tell } from "./answers.ts";
import { callAbout } from "./calling.ts";
import { keeperless } from "./packing.ts";

/** The way in which bringing it home ended. */
interface Home {
  readonly home: "done" | "failed";
  readonly home_reason: string | null;
  readonly ref: string | null;
}

/** Codes after which it is tried again later. */
const later: readonly string[] = [
  ...["peer_unreachable", "peer_timeout", "rate_limited", "not_ready", "storage_full", "internal"],
  ...["peer_refused", "fingerprint_mismatch", "version_unsupported"],
];

/** Brings an end home. @throws where it is to be tried again */
export async function bringHome(parts: TaskParts, task: Task): Promise<Task> {
  const home = await brought(parts, task).catch((error: unknown): Home => {
    if (!(error instanceof PeernetError) || later.includes(error.code)) throw error;
    return { home: "failed", home_reason: error.code, ref: null };
  });
  const { context } = parts;
  const now = instantOf(context.effects.clock);
  return context.transact(now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    if (row?.home !== "due") return { value: row ?? task };
    const after = { ...row, ...home };
    work.tables.tasks.put(after);
    recordTask(
      parts,
      { work, now },
      {
        task: after,
        ...{ outcome: home.home === "done" ? "ok" : "failed" },
        ...{ content_sha256: row.blob?.sha256 ?? null },
        details: { act: "fetch", ref: home.ref, reason: homeCode(home.home_reason) },
      },
    );
    tell(parts, { work, now }, after);
    return { value: work.tables.tasks.get(keyOf(task)) ?? after };
  });
}

async function brought(parts: TaskParts, task: Task): Promise<Home> {
  const { blob } = task;
  const failed = (home_reason: string): Home => ({ home: "failed", home_reason, ref: null });
  if (blob === null || blob.bytes > resultBytesMax) return failed("too_large");
  const bytes = await pulled(parts, task, blob.bytes);
  const isWhole = bytes.length === blob.bytes;
  if (!isWhole || hex(parts.context.effects.sha256(bytes)) !== blob.sha256) return failed("digest");
  const text = new TextDecoder("utf-8", { fatal: false }).decode(bytes);
  const read = TaskResult.safeParse(parsed(text));
  if (!read.success || read.data.task_id !== task.task_id) return failed("result");
  await keepWhole(parts, task, text);
  const { bundle, commit } = read.data.measured;
  if (bundle === null || commit === null || task.root === null || task.base === null) {
    return { home: "done", home_reason: null, ref: null };
  }
  await pullCommits(parts, task, bundle);
  return imported(parts, task, { bundle, commit });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The bytes of the whole result. @throws as the calls do */
async function pulled(parts: TaskParts, task: Task, bytes: number) {
  const id = { task_id: task.task_id, round: task.round, part: "result" } as const;
  const whole = new Uint8Array(bytes);
  for (let offset = 0; offset < bytes; ) {
    const { data } = await callAbout(parts, "blob/get", {
      input: { id, offset },
      task,
      isAwaited: false,
    });
    const piece = Buffer.from(data, "base64");
    if (piece.length === 0 || offset + piece.length > bytes) return whole.slice(0, offset);
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

async function keepWhole({ context }: TaskParts, task: Task, text: string): Promise<void> {
  await context.transact(instantOf(context.effects.clock), ({ tables }) => {
    tables.tasks.putWhole(task, text);
    return { value: undefined };
  });
}

type Bundle = NonNullable<Task["bundle"]>;

/** Lets the keeper store the bundle of the commits, piece by piece. */
async function pullCommits(parts: TaskParts, task: Task, whole: Bundle): Promise<void> {
  const blob = { task_id: task.task_id, round: task.round, part: "tree" } as const;
  for (let offset = 0; offset < whole.bytes; ) {
    const input = { id: blob, offset };
    const { data } = await callAbout(parts, "blob/get", { input, task, isAwaited: false });
    const ended = await parts.errands.run({
      ...{ kind: "task_put", input: { blob, ours: true, offset, data, whole } },
    });
    if (!ended.done) throw keeperless(ended.why);
    const { put, have } = ended.output;
    if (put === "whole") return;
    if (put === "disk") throw new PeernetError("storage_full");
    if (put === "wrong" || have <= offset) throw new PeernetError("bad_request");
    offset = have;
  }
}

async function imported(
  { errands, context }: TaskParts,
  task: Task,
  { bundle, commit }: { readonly bundle: Bundle; readonly commit: string },
): Promise<Home> {
  const { task_id, round, root, base } = task;
  const machine = context.tables.peers.get(task.fingerprint)?.name ?? task.peer_name;
  if (root === null || base === null) return { home: "done", home_reason: null, ref: null };
  const input = { task_id, round, root, machine, name: refName(task), base, commit, bundle };
  const ended = await errands.run({ kind: "task_import", input });
  if (!ended.done) throw keeperless(ended.why);
  const { output } = ended;
  return output.imported
    ? { home: "done", home_reason: null, ref: output.ref }
    : { home: "failed", home_reason: homeReason(output.why, output.detail), ref: null };
}
