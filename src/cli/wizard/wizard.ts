/**
 * Setup as a conversation: three questions, one plan, one Enter; on a set-up machine, the plan
 * alone. The only place that draws with clack. Changes nothing before the person agrees to the
 * plan; foreign text passes the allow-list like everywhere.
 */

import * as clack from "@clack/prompts";
import { Name } from "../../contract/terms.ts";
import { fittingName } from "../../contract/text/naming.ts";
import { fileLine, printable } from "../../contract/text/printable.ts";
import { type AllowableTool, allowableTools } from "../../harness/allowed.ts";
import { assumeOutputSize } from "../../platform/terminal/terminal.ts";
import { type Answers, isDone, type Plan, planOf } from "../../setup/plan/plan.ts";
import { sessionsOf } from "../../setup/plan/settings.ts";
import type { Survey } from "../frame/setup-parts.ts";
import { withFreePort } from "../setup/answers.ts";
import { applyPlan, type Done } from "../setup/apply.ts";
import {
  aligned,
  answerRows,
  diffLines,
  foundLine,
  isLoopback,
  labelled,
  noAgentLine,
  onlyHere,
  outcomeWords,
  planRows,
} from "../setup/text.ts";
import { marks } from "../terminal/checks.ts";
import { interruptedExit } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { offerPairing } from "./offer.ts";
import { reachQuestion } from "./reach.ts";

/** The answer of a person who leaves. */
const left = Symbol("left");
type Left = typeof left;

/** Asks, shows the plan, carries it out, and offers to pair; returns the exit code. */
export async function runWizard(io: Io, survey: Survey, defaults: Answers): Promise<number> {
  // clack believes a terminal that reports 0 columns, and draws a column of single letters.
  assumeOutputSize();
  // clack writes by itself: it waits for what was written before.
  await io.flushed();
  clack.intro("peernet setup");
  clack.log.message(foundLine(survey), { symbol: "│", spacing: 0 });
  const missing = noAgentLine(survey);
  if (missing !== null) clack.log.message(missing, { symbol: "│", spacing: 0 });
  // Earlier answers hold until a person changes them: the plan shows them, and `e` changes them.
  const isAgain = survey.ledger.files.length > 0;
  const answers = isAgain ? defaults : await askAll(survey, defaults);
  if (answers === left) return leave();
  const agreed = await agree(io, survey, answers);
  if (agreed === left) return leave();
  const done = await applyPlan(io, survey, agreed);
  showDone(done);
  const { name, listen } = agreed.settings;
  const outcome = outcomeWords(name, done.checks);
  if (done.checks.some(({ state }) => state === "failed")) {
    clack.outro(`${outcome}. Then: peernet doctor`);
    return 1;
  }
  const next = "On the next machine: install, then `peernet setup`.";
  return offerPairing(io, { outcome, next: listen.every(isLoopback) ? onlyHere(survey) : next });
}

function leave(): number {
  clack.cancel("Nothing was changed.");
  return interruptedExit;
}

/** Asks one question: returns the answers with the new one. */
type Ask = (survey: Survey, answers: Answers) => Promise<Answers | Left>;

async function askAll(survey: Survey, defaults: Answers): Promise<Answers | Left> {
  let answers = defaults;
  for (const ask of [askName, askReach, askSessions]) {
    const next = await ask(survey, answers);
    if (next === left) return left;
    answers = next;
  }
  return answers;
}

const withSetting = (answers: Answers, changed: Partial<Answers["settings"]>): Answers => ({
  ...answers,
  settings: { ...answers.settings, ...changed },
});

/** Asks until the name is valid; proposes the valid form of an invalid one. */
const askName: Ask = async (_survey, answers) => {
  let proposal = answers.settings.name;
  let message = "What will your other machines call this one?";
  for (;;) {
    const typed = await clack.text({
      message,
      initialValue: proposal,
      // An Enter from before the question leaves the line empty.
      placeholder: proposal,
      defaultValue: proposal,
    });
    if (clack.isCancel(typed)) return left;
    const issue = Name.safeParse(typed).error?.issues[0]?.message;
    if (issue === undefined) return withSetting(answers, { name: typed });
    proposal = fittingName(typed) || proposal;
    message = printable(`${typed} is no name: ${issue}. Enter takes ${proposal}`);
  }
};

const askReach: Ask = async (survey, answers) => {
  const { message, options, initialValue } = reachQuestion(survey, answers.settings.listen);
  const reach = await clack.select({ message, options, initialValue, showInstructions: false });
  if (clack.isCancel(reach)) return left;
  return withSetting(answers, { listen: reach.split(",").filter(Boolean) });
};

const askSessions: Ask = async (_survey, answers) => {
  const { activate, folders } = answers.settings;
  const chosen = await clack.select({
    message:
      "Which agent sessions get a handle that paired machines may ask?\n" +
      "A peer sees: handle, project, branch, commit and its subject, number of changed files,\n" +
      "state, and the summary the session wrote. Never prompts, replies, file names or contents.",
    options: [
      { value: "repositories" as const, label: "every one in a git repository" },
      { value: "folders" as const, label: "only in folders I name" },
      { value: "none" as const, label: "none until I run `peernet activate`" },
    ],
    initialValue: activate,
    showInstructions: false,
  });
  if (clack.isCancel(chosen)) return left;
  if (chosen !== "folders") return withSetting(answers, { activate: chosen, folders: [] });
  const named = await clack.text({
    message: "Which folders? Their paths, separated by commas",
    initialValue: folders.join(","),
    placeholder: "~/src",
    validate: (text) => (isFolders(text ?? "") ? undefined : "absolute paths, or such from ~"),
  });
  return clack.isCancel(named) ? left : withSetting(answers, sessionsOf(named));
};

const isFolders = (text: string): boolean =>
  text !== "" && text.split(",").every((folder) => /^(\/|~(\/|$))/.test(folder));

/** Shows the plan until the person agrees to it. */
async function agree(io: Io, survey: Survey, first: Answers): Promise<Plan | Left> {
  let answers = first;
  for (;;) {
    const plan = planOf(survey, withFreePort(survey, answers));
    const key = await askPlan(io, survey, plan);
    if (clack.isCancel(key)) return left;
    if (key === "d") {
      const lines = diffLines(io, plan).map(fileLine);
      clack.log.message(lines.join("\n") || "nothing changes");
    } else if (key === "e") {
      const edited = await editAnswer(survey, answers);
      if (edited === left) return left;
      answers = edited;
    } else return plan;
  }
}

function askPlan(io: Io, survey: Survey, plan: Plan) {
  const lines = [...aligned(answerRows(survey, plan)), ...aligned(planRows(io, plan))];
  const last = isDone(plan)
    ? "Nothing to change: all of it is there. Enter checks that it works."
    : "Backed up first; `peernet uninstall` undoes exactly this.";
  return clack.selectKey({
    message: `The plan\n${[...lines, last].map((line) => `│  ${line}`).join("\n")}`,
    options: [
      { value: "y", label: isDone(plan) ? "check it" : "apply it", hint: "or Enter" },
      { value: "d", label: "show the diffs" },
      { value: "e", label: "change an answer" },
    ],
    initialValue: "y",
  });
}

/** Every answer, in the order of the questions. */
const answersToEdit: Readonly<Record<string, Ask>> = {
  name: askName,
  "reached by": askReach,
  sessions: askSessions,
  agents: (survey, answers) => askAgents(survey, answers),
  service: (survey, answers) => askService(survey, answers),
  "without asking": (survey, answers) => askTools(survey, answers),
};

async function editAnswer(survey: Survey, answers: Answers): Promise<Answers | Left> {
  const canEdit = (name: string): boolean =>
    (name !== "service" || survey.service !== null) &&
    (name !== "agents" || survey.found.length > 0) &&
    (name !== "without asking" || answers.agents.includes("claude-code"));
  const which = await clack.select({
    message: "Which answer?",
    options: Object.keys(answersToEdit)
      .filter(canEdit)
      .map((value) => ({ value, label: value })),
    showInstructions: false,
  });
  if (clack.isCancel(which)) return left;
  return (await answersToEdit[which]?.(survey, answers)) ?? answers;
}

const askAgents: Ask = async (survey, answers) => {
  const agents = await clack.multiselect({
    message: "Register peernet in which agents?",
    options: survey.found.map(({ agent }) => ({ value: agent.name, label: agent.label })),
    initialValues: [...answers.agents],
    required: false,
  });
  return clack.isCancel(agents) ? left : { ...answers, agents };
};

const askTools: Ask = async (_survey, answers) => {
  const tools = await clack.multiselect({
    message:
      "Which tools shall Claude Code run without asking you?\n" +
      "A woken session waits at the question until somebody answers it.",
    options: allowableTools.map((tool) => ({ value: tool, label: toolWords[tool] })),
    initialValues: [...answers.tools],
    required: false,
  });
  return clack.isCancel(tools) ? left : { ...answers, tools };
};

const toolWords: Readonly<Record<AllowableTool, string>> = {
  read_messages: "read_messages: reads the messages for its session",
  message_peer: "message_peer: writes to sessions on machines that are yours",
};

const askService: Ask = async (_survey, answers) => {
  const service = await clack.confirm({
    message: "Run the daemon from login on?",
    initialValue: answers.service,
  });
  return clack.isCancel(service) ? left : { ...answers, service };
};

function showDone({ checks }: Done): void {
  const rows = aligned(
    checks.map(labelled).map(({ name, state, detail }) => [marks[state].text, name, detail]),
  );
  const lines = checks.flatMap(({ fix }, at) => [
    rows[at] ?? "",
    ...(fix === null ? [] : [`   fix: ${printable(fix)}`]),
  ]);
  clack.log.message(lines.join("\n"));
}
