/** `peernet setup`: sets this machine up, by questions on a terminal or by flags. */

import { PeernetError } from "../../contract/errors.ts";
import { isDumb } from "../../platform/terminal/terminal.ts";
import type { Answers, Plan } from "../../setup/plan/plan.ts";
import { isDone, planOf } from "../../setup/plan/plan.ts";
import { type Command, type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { type Survey, survey } from "../frame/setup-parts.ts";
import { printChecks } from "../terminal/checks.ts";
import type { Io } from "../terminal/io.ts";
import { note, printBlock, printFileLines, printJson, printLine } from "../terminal/output.ts";
import { answersOf, withFreePort } from "./answers.ts";
import { applyPlan, type Done } from "./apply.ts";
import {
  answerRows,
  diffLines,
  foundLine,
  isLoopback,
  labelled,
  noAgentLine,
  onlyHere,
  outcomeWords,
  planRows,
  sameCommand,
} from "./text.ts";

const flags = {
  yes: { kind: "switch", summary: "ask nothing: take what --dry-run prints" },
  "dry-run": { kind: "switch", summary: "show the plan and every diff, and change nothing" },
  name: { kind: "text", value: "NAME", summary: "what other machines call this one" },
  listen: {
    kind: "text",
    value: "WHERE",
    summary: "who may reach it: tailnet, lan, local, or addresses, separated by commas",
  },
  sessions: {
    kind: "text",
    value: "WHICH",
    summary:
      "agent sessions that take a handle: repositories, none, or folders separated by commas",
  },
  agents: {
    kind: "text",
    value: "NAMES",
    summary:
      "agents to register in, separated by commas, or none; default: all agents found, except " +
      "ones you excluded earlier",
  },
  allow: {
    kind: "text",
    value: "TOOLS",
    summary:
      "tools that Claude Code runs without asking you, separated by commas: read_messages, " +
      "message_peer, or none",
  },
  service: { kind: "switch", summary: "run the daemon from login on, though it was declined" },
  "no-service": { kind: "switch", summary: "do not run the daemon from login on" },
} as const satisfies Flags;

type SetupContext = Context<typeof flags>;

/** Asks a person at a terminal, then sets the machine up; returns the exit code. */
export type Wizard = (io: Io, found: Survey, defaults: Answers) => Promise<number>;

/** Sets this machine up, or changes an earlier setup; the wizard loads when it asks. */
export const setupWith = (wizard: () => Promise<Wizard>): Command =>
  command({
    flags,
    examples: ["peernet setup", "peernet setup --dry-run", "peernet setup --yes --listen lan"],
    async run({ io, flags, json }: SetupContext) {
      const asks = !flags.yes && !flags["dry-run"];
      if (asks) requireTerminal(io, json);
      const found = await survey(io);
      const answers = answersOf(found, flags, asks);
      if (asks) {
        const runWizard = await wizard();
        return runWizard(io, found, answers);
      }
      const plan = planOf(found, withFreePort(found, answers));
      if (!json) printPlan(io, { found, plan });
      if (flags["dry-run"]) return dryRun(io, { answers, plan, json });
      const done = await applyPlan(io, found, plan);
      if (json) printJson(io, { ...outcomeOf(answers, plan), ...doneOf(done) });
      else {
        printChecks(io, done.checks.map(labelled));
        printLine(io, ending({ found, answers, done }));
      }
      return hasFailed(done) ? 1 : 0;
    },
  });

function requireTerminal(io: Io, json: boolean): void {
  const { stdin, stdout } = io.terminal();
  const draws = !isDumb(io.environment);
  if (stdin && stdout && draws && !json) return;
  const why = stdin && stdout ? "a dumb terminal shows none" : "there is no terminal to ask at";
  throw new PeernetError("bad_request", {
    message: json
      ? "setup asks questions, which --json cannot show"
      : `setup asks questions, and ${why}`,
    hint:
      "peernet setup --yes, with --name --listen --sessions --agents --allow --service " +
      "--no-service where --dry-run shows another default",
  });
}

interface Shown {
  readonly found: Survey;
  readonly answers: Answers;
  readonly plan: Plan;
}

function printPlan(io: Io, { found, plan }: Omit<Shown, "answers">): void {
  printLine(io, foundLine(found));
  const missing = noAgentLine(found);
  if (missing !== null) printLine(io, missing);
  const rows = answerRows(found, plan).map((cells) => ({ cells }));
  printBlock(io, rows, [{ gap: 2 }]);
  const files = planRows(io, plan).map((cells) => ({ cells }));
  printBlock(io, files, [{ gap: 2 }, { gap: 2 }]);
  if (isDone(plan)) printLine(io, "nothing to change: all of it is there");
}

function dryRun(
  io: Io,
  { answers, plan, json }: Omit<Shown, "found"> & { readonly json: boolean },
): number {
  if (json) {
    printJson(io, { ...outcomeOf(answers, plan), command: sameCommand(answers) });
    return 0;
  }
  printFileLines(io, diffLines(io, plan));
  note(io, `nothing was changed; this does it: ${sameCommand(answers)}`);
  return 0;
}

const outcomeOf = ({ settings, agents, tools }: Answers, plan: Plan) => ({
  settings,
  agents,
  tools,
  service:
    plan.service === null ? null : { manager: plan.service.manager, name: plan.service.name },
  files: [
    ...plan.steps.map(({ change, state, replaces }) => ({ path: change.path, state, replaces })),
    ...plan.undone.map(({ path }) => ({ path, state: "undo", replaces: null })),
  ],
  changed: !isDone(plan),
});

const hasFailed = ({ checks }: Done): boolean => checks.some(({ state }) => state === "failed");

interface Ended extends Omit<Shown, "plan"> {
  readonly done: Done;
}

function ending({ found, answers, done }: Ended): string {
  const { name, listen } = answers.settings;
  const outcome = outcomeWords(name, done.checks);
  if (hasFailed(done)) return `${outcome}, then peernet doctor`;
  if (listen.every(isLoopback)) return `${outcome}. ${onlyHere(found)}`;
  return `${outcome}; on the next machine: peernet setup`;
}

const doneOf = ({ applied, checks }: Done) => ({ applied, checks });
