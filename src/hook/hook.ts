/**
 * One hook of a coding agent: reads the event, reports it to the daemon, and answers. It never
 * delays or breaks the agent: it starts no daemon, keeps its deadline and throws nothing. It prints
 * only sentences of ours, since a model may read the output.
 */

import type { Control } from "../contract/control.ts";
import { PeernetError } from "../contract/errors.ts";
import type { HookInput, HookOutput, Process } from "../contract/lease.ts";
import { hookBytesMax, hookDeadlineMs } from "../contract/limits.ts";
import type { Calls } from "../contract/operation/operation.ts";
import { isClaudeCodeHeadless, readClaudeCode } from "../harness/claude-code-hook.ts";
import { codexProcess, readCodex } from "../harness/codex-hook.ts";
import { editOf } from "../harness/edits.ts";
import type { HookedAgent } from "../harness/events.ts";
import {
  type Happening,
  type Payload,
  type PayloadTurn,
  parsePayload,
} from "../harness/payload.ts";
import type { Timers } from "../platform/effects.ts";
import { ownFileBytes } from "../session/bounded.ts";
import { isExcluded } from "../session/excluded.ts";
import { projectOf, workTreeOf } from "../session/folder.ts";
import { agentProcess, ancestorsOf, argumentsOf } from "../session/process.ts";
import { answerOf } from "./answer.ts";
import { warnOfEdit } from "./edit.ts";
import { readObject } from "./input.ts";
import { noticeOf } from "./notice.ts";

/** Dependencies of a hook. */
export interface HookParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The hook's own number. */
  readonly pid: number;
  /** The payload, as the agent writes it. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly out: (text: string) => void;
  /** Calls of the home's daemon; they start none. @throws {state_unsafe} when there is no home */
  readonly calls: () => Pick<Calls<Control>, "hook" | "overlap/edit">;
  /** The text of the home's config.toml; null when there is none. */
  readonly config: () => Promise<string | null>;
  /** Makes sure that the home's keeper runs. */
  readonly ensureKeeper: () => Promise<void>;
  /** Writes a line to the home's log, if it has one. */
  readonly warn: (event: string, fields: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly timers: Timers;
}

/** Distinguishes sessions of an agent, besides their ids. */
type Place = Pick<HookInput, "process" | "sole" | "headless">;

interface Agent {
  readonly read: (payload: Payload) => Happening | null;
  readonly place: (parts: Pick<HookParts, "environment" | "pid">) => Place;
}

const agents: Readonly<Record<HookedAgent, Agent>> = {
  "claude-code": {
    read: readClaudeCode,
    place: ({ pid, environment }) => ({
      process: identity(agentProcess("claude-code", ancestorsOf(pid), environment)),
      sole: true,
      headless: isClaudeCodeHeadless(environment),
    }),
  },
  codex: {
    read: readCodex,
    place: ({ pid, environment }) => {
      const found = agentProcess("codex", ancestorsOf(pid), environment);
      if (found === null) return { process: null, sole: false, headless: true };
      return { process: identity(found), ...codexProcess(argumentsOf(found.pid), found) };
    },
  },
};

/** True for a harness whose hooks peernet understands. */
export const isHooked = (harness: string | undefined): harness is HookedAgent =>
  harness !== undefined && Object.hasOwn(agents, harness);

/** Runs one hook of an agent, within its deadline. Never throws. */
export async function runHook(harness: HookedAgent, parts: HookParts): Promise<void> {
  const deadline = new AbortController();
  const late = Promise.withResolvers<"late">();
  const cancel = parts.timers.after(hookDeadlineMs, () => {
    deadline.abort();
    late.resolve("late");
  });
  const steps: Steps = { awaits: "input" };
  try {
    const told = tell(harness, parts, { signal: deadline.signal, steps });
    const outcome = await Promise.race([told, late.promise]);
    if (outcome === "late") await parts.warn("hook_late", { harness, awaited: steps.awaits });
  } catch (error) {
    await complain(harness, parts, error).catch(() => {});
  } finally {
    cancel();
  }
}

/** The progress of a hook, for the log. */
interface Steps {
  awaits: "input" | "daemon";
}

interface Telling {
  readonly signal: AbortSignal;
  readonly steps: Steps;
}

async function tell(
  harness: HookedAgent,
  parts: HookParts,
  { signal, steps }: Telling,
): Promise<void> {
  const agent = agents[harness];
  const bytes = await readObject(parts.input, hookBytesMax);
  const payload = bytes === null ? null : parsePayload(bytes);
  if (payload === null) return parts.warn("hook_unreadable", { harness });
  const edit = editOf(harness, payload);
  if (edit !== null) {
    steps.awaits = "daemon";
    return warnOfEdit(edit, parts);
  }
  const happened = agent.read(payload);
  if (happened === null) return;
  steps.awaits = "daemon";
  const output = await parts.calls().hook(await inputOf(harness, happened, parts), { signal });
  if (signal.aborted) return;
  await answer(harness, happened, { output, parts });
}

async function inputOf(
  harness: HookedAgent,
  happened: Happening,
  parts: HookParts,
): Promise<HookInput> {
  const root = await workTreeOf(happened.cwd);
  const project = projectOf(root ?? happened.cwd);
  const settings = { text: await parts.config(), home: parts.environment.HOME };
  const excluded = await isExcluded([happened.cwd], settings);
  const { turn, ...event } = happened;
  const place = agents[harness].place(parts);
  const input = { harness, ...event, ...place, root, excluded, project };
  return turn === null ? input : { ...input, turn: reportOf(turn) };
}

/** A turn in the form for the daemon, with the size of the client's record at this moment. */
function reportOf({ transcript, ...turn }: PayloadTurn): NonNullable<HookInput["turn"]> {
  const bytes = transcript === null ? null : ownFileBytes(transcript);
  const isKnown = transcript !== null && bytes !== null;
  return { ...turn, record: isKnown ? { path: transcript, bytes } : null };
}

async function answer(
  harness: HookedAgent,
  happened: Happening,
  { output, parts }: { readonly output: HookOutput; readonly parts: HookParts },
): Promise<void> {
  const begins = happened.event === "start";
  const text = begins ? answerOf(output) : noticeOf(harness, happened.turn, output);
  if (text !== null) parts.out(`${text}\n`);
  if (output.taken || (begins && output.handle !== null)) await parts.ensureKeeper();
}

const identity = (found: Process | null): Process | null =>
  found === null ? null : { pid: found.pid, start_time: found.start_time };

/** Logs a failure by its code alone: a message may quote the session. */
async function complain(harness: HookedAgent, parts: HookParts, error: unknown): Promise<void> {
  const code = error instanceof PeernetError ? error.code : "internal";
  // No daemon, or no home: peernet is not in use here.
  if (code === "daemon_not_running" || code === "state_unsafe") return;
  await parts.warn("hook_failed", { harness, code });
}
