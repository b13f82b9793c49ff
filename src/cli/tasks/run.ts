/** `peernet run` and `task say`: hand a task, or another round of one, to another machine. */

import { PeernetError } from "../../contract/errors.ts";
import { promptBytesMax, submitDeadlineMs, taskGitMs } from "../../contract/tasks/limits.ts";
import type { RunOutput } from "../../contract/tasks/local.ts";
import { started, withKeeper } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { isName } from "../frame/grammar.ts";
import { senderOf } from "../frame/sender.ts";
import { textOf } from "../terminal/given.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine } from "../terminal/output.ts";
import { typed } from "../terminal/text.ts";
import { checked } from "./checked.ts";
import { followed } from "./following.ts";
import { headText, noteRefusal } from "./words.ts";

const file = {
  kind: "text",
  value: "FILE",
  summary: "read the prompt from a file; words of a command are readable by others here",
} as const;
const follow = { kind: "switch", summary: "go on with each state until it has ended" } as const;

const flags = {
  profile: {
    kind: "text",
    value: "query|edit|build",
    summary:
      "query reads, edit changes files, build also runs commands; or a command of its policy",
  },
  runner: { kind: "text", value: "NAME", summary: "claude-code or codex; the first allowed one" },
  name: { kind: "text", value: "NAME", summary: "a name for the task, and for its ref here" },
  at: { kind: "text", value: "REF", summary: "the commit to start at; HEAD unless given" },
  wip: { kind: "switch", summary: "send uncommitted changes along, as a throw-away commit" },
  send: { kind: "switch", summary: "send the commits that the other machine lacks" },
  wall: { kind: "duration", value: "DURATION", summary: "end it after this time, as 20m" },
  usd: { kind: "text", value: "DOLLARS", summary: "end it at this cost, as 1.50" },
  file,
  follow,
  check: { kind: "switch", summary: "run nothing: list what stands in its way, each with its fix" },
} as const satisfies Flags;

type RunContext = Context<typeof flags>;

const aPrompt = { noun: "a prompt", bytesMax: promptBytesMax };
/** Two machines run git and try their sandbox before the daemon answers. */
const silenceMs = submitDeadlineMs + taskGitMs;

/** Hands a task over: 0 submitted or held; with --follow as the task ends. */
export const run = command({
  flags,
  examples: [
    'peernet run mini:hydrate "Which callers still use the old loader?"',
    'peernet run mini:hydrate "Port the config loader" --profile edit --follow',
    "peernet run --check mini:hydrate --profile edit",
  ],
  async run({ io, flags: given, words, json }: RunContext) {
    const [word = "", ...rest] = words;
    const target = targetOf(word);
    const { profile, runner, at, name, check } = given;
    const asked = { ...target, profile: profile ?? "query", runner, at, folder: io.cwd() };
    const from = await senderOf(io);
    const gates = { ...asked, send: given.send || given.wip, from };
    if (check) return withKeeper(io, () => checked(io, gates, json));
    const usd = dollarsOf(given.usd);
    const prompt = await promptOf(io, given, { words: rest, line: `peernet run ${word}` });
    const { wip } = given;
    const sent = { wip, send: given.send || wip, name, wall_ms: given.wall, usd };
    const input = { ...asked, ...sent, prompt, from, task_id: io.newId() };
    const run = () => io.calls()["tasks/run"](input, { silenceMs });
    const output = await withKeeper(io, () => started(io, run));
    return told(io, output, { json, follow: given.follow });
  },
});

/** Starts another round of a task. */
export const say = command({
  flags: { file, follow },
  examples: ['peernet task say loader "Now add tests" --follow'],
  async run({ io, flags: given, words: [task = "", ...rest], json }) {
    const place = { words: rest, file: given.file, line: `peernet task say ${task}` };
    const prompt = await textOf(io, { ...aPrompt, ...place });
    const from = await senderOf(io);
    const input = { task, prompt, from };
    const next = () => io.calls()["tasks/say"](input, { silenceMs });
    const output = await withKeeper(io, () => started(io, next));
    return told(io, output, { json, follow: given.follow });
  },
});

/** Parses `mini:hydrate`. @throws {bad_request} */
function targetOf(word: string) {
  const [machine = "", repository = "", ...more] = word.toLowerCase().split(":");
  if (isName(machine) && isName(repository) && more.length === 0) return { machine, repository };
  if (isName(machine) && word === machine) {
    throw new PeernetError("bad_request", {
      message: `a task needs MACHINE:REPOSITORY, and this is none: ${word}`,
      hint: `another round of a task: peernet task say ${word}`,
    });
  }
  throw new PeernetError("bad_request", {
    message: `a task needs MACHINE:REPOSITORY, and this is none: ${typed(word)}`,
    hint: "as mini:hydrate; the names: peernet policy show, on that machine",
  });
}

function dollarsOf(text: string | null): number | null {
  if (text === null) return null;
  const usd = Number(text);
  if (/^\d{1,4}(\.\d{1,2})?$/.test(text) && usd > 0) return usd;
  throw new PeernetError("bad_request", {
    message: "--usd takes an amount of dollars",
    hint: "as --usd 1.50",
  });
}

type Given = Pick<RunContext["flags"], "file" | "profile">;

/** The prompt; null for a command of the other machine's policy, which takes no word of ours. */
async function promptOf(
  io: Io,
  { file: path, profile }: Given,
  { words, line }: { readonly words: readonly string[]; readonly line: string },
): Promise<string | null> {
  const isCommand = profile !== null && !["query", "edit", "build"].includes(profile);
  if (!isCommand) return textOf(io, { ...aPrompt, words, file: path, line });
  if (words.length === 0 && path === null) return null;
  throw new PeernetError("bad_request", {
    message: `${typed(profile)} is a command there, and takes no prompt`,
    hint: `${line} --profile ${typed(profile)}`,
  });
}

interface Telling {
  readonly json: boolean;
  readonly follow: boolean;
}

async function told(io: Io, output: RunOutput, { json, follow }: Telling): Promise<number> {
  const { task, left_out, sent_bytes } = output;
  if (json) printJson(io, output);
  else printLine(io, headText(output));
  if (left_out > 0) {
    note(io, `changes in ${left_out} files are in no commit: the task does not see them (--wip)`);
  }
  if (sent_bytes > 0) note(io, `${Math.ceil(sent_bytes / 1_024)} KiB of commits were sent`);
  if (follow) return followed(io, { task, json });
  noteRefusal(io, task);
  return ["refused", "expired", "lost"].includes(task.state) ? 4 : 0;
}
