/**
 * Setup as a conversation: three questions, one plan, one Enter. The only place that draws with
 * clack. Changes nothing before the plan is agreed to; what comes from elsewhere is printed through
 * the allow-list like everywhere.
 */

import * as clack from "@clack/prompts";
import { Name } from "../../contract/terms.ts";
import { printable } from "../../contract/text/printable.ts";
import { assumeOutputSize } from "../../platform/terminal/terminal.ts";
import { type Answers, isDone, type Plan, planOf } from "../../setup/plan/plan.ts";
import { sessionsOf } from "../../setup/plan/settings.ts";
import type { Survey } from "../frame/setup-parts.ts";
import { applyPlan, type Done } from "../setup/apply.ts";
import {
  aligned,
  diffLines,
  foundLine,
  isLoopback,
  labelled,
  onlyHere,
  planRows,
  serviceWords,
} from "../setup/text.ts";
import { marks } from "../terminal/checks.ts";
import { interruptedExit } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { fileLine } from "../terminal/output.ts";
import { offerPairing } from "./offer.ts";
import { reachQuestion } from "./reach.ts";

/** What a question comes to when the person leaves. */
const left = Symbol("left");
type Left = typeof left;

/** Asks, shows the plan, does it, and offers to pair; returns the exit code. */
export async function runWizard(io: Io, survey: Survey, defaults: Answers): Promise<number> {
  // clack believes a terminal that tells 0 columns, and draws a column of single letters.
  assumeOutputSize();
  clack.intro("peernet setup");
  clack.log.message(foundLine(survey), { symbol: "│", spacing: 0 });
  const answers = await askAll(survey, defaults);
  if (answers === left) return leave();
  const agreed = await agree(io, survey, answers);
  if (agreed === left) return leave();
  const done = await applyPlan(io, survey, agreed.plan);
  showDone(done);
  const { name, listen } = agreed.answers.settings;
  if (done.checks.some(({ state }) => state === "failed")) {
    clack.outro(`${name} is set up, but for what is marked ✗. Then: peernet doctor`);
    return 1;
  }
  const next = "On the next machine: install, then `peernet setup`.";
  return offerPairing(io, { name, next: listen.every(isLoopback) ? onlyHere(survey) : next });
}

function leave(): number {
  clack.cancel("Nothing was changed.");
  return interruptedExit;
}

async function askAll(survey: Survey, { settings, agents, service }: Answers) {
  const name = await clack.text({
    message: "What will your other machines call this one?",
    initialValue: settings.name,
    // An Enter that came before the question leaves the line empty.
    placeholder: settings.name,
    defaultValue: settings.name,
    validate: (text) => Name.safeParse(text || settings.name).error?.issues[0]?.message,
  });
  if (clack.isCancel(name)) return left;
  const { message, options, initialValue } = reachQuestion(survey, settings.listen);
  const reach = await clack.select({ message, options, initialValue, showInstructions: false });
  if (clack.isCancel(reach)) return left;
  const sessions = await askSessions(settings);
  if (sessions === left) return left;
  const listen = reach.split(",").filter(Boolean);
  return { settings: { name, listen, ...sessions }, agents, service };
}

async function askSessions({ activate, folders }: Answers["settings"]) {
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
  if (chosen !== "folders") return { activate: chosen, folders: [] };
  const named = await clack.text({
    message: "Which folders? Their paths, separated by commas",
    initialValue: folders.join(","),
    placeholder: "~/src",
    validate: (text) => (isFolders(text ?? "") ? undefined : "absolute paths, or such from ~"),
  });
  return clack.isCancel(named) ? left : sessionsOf(named);
}

const isFolders = (text: string): boolean =>
  text !== "" && text.split(",").every((folder) => /^(\/|~(\/|$))/.test(folder));

interface Agreed {
  readonly answers: Answers;
  readonly plan: Plan;
}

/** Shows the plan until it is agreed to. */
async function agree(io: Io, survey: Survey, first: Answers): Promise<Agreed | Left> {
  let answers = first;
  for (;;) {
    const plan = planOf(survey, answers);
    const key = await askPlan(io, survey, plan);
    if (clack.isCancel(key)) return left;
    if (key === "d") {
      const lines = diffLines(io, plan).map(fileLine);
      clack.log.message(lines.join("\n") || "nothing changes");
    } else if (key === "e") {
      const edited = await editParts(survey, answers);
      if (edited === left) return left;
      answers = edited;
    } else return { answers, plan };
  }
}

function askPlan(io: Io, survey: Survey, plan: Plan) {
  const service = plan.service === null ? [`service: ${serviceWords(survey, plan)}`] : [];
  const lines = [...aligned(planRows(io, plan)), ...service];
  const last = isDone(plan)
    ? "Nothing to change: all of it is there. Enter checks that it works."
    : "Backed up first; `peernet uninstall` undoes exactly this.";
  return clack.selectKey({
    message: `The plan\n${[...lines, last].map((line) => `│  ${line}`).join("\n")}`,
    options: [
      { value: "y", label: isDone(plan) ? "check it" : "apply it", hint: "or Enter" },
      { value: "d", label: "show the diffs" },
      { value: "e", label: "change which agents, and the service" },
    ],
    initialValue: "y",
  });
}

async function editParts(survey: Survey, answers: Answers): Promise<Answers | Left> {
  const agents = await clack.multiselect({
    message: "Register peernet in which agents?",
    options: survey.found.map(({ agent }) => ({ value: agent.name, label: agent.label })),
    initialValues: [...answers.agents],
    required: false,
  });
  if (clack.isCancel(agents)) return left;
  if (survey.service === null) return { ...answers, agents };
  const service = await clack.confirm({
    message: "Run the daemon from login on?",
    initialValue: answers.service,
  });
  return clack.isCancel(service) ? left : { ...answers, agents, service };
}

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
