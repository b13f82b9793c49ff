/** Words for setup's findings, plan and result: the same in the wizard and without it. */

import type { Check } from "../../contract/doctor.ts";
import { portDefault } from "../../contract/limits.ts";
import { printable } from "../../contract/text/printable.ts";
import { agents } from "../../harness/agents.ts";
import { quoted } from "../../harness/events.ts";
import { diff, veiled } from "../../setup/plan/diff.ts";
import type { Answers, Plan, Step } from "../../setup/plan/plan.ts";
import type { FoundAgent } from "../../setup/plan/survey.ts";
import { type Survey, shortPath } from "../frame/setup-parts.ts";
import type { Io } from "../terminal/io.ts";
import { counted, widthOf } from "../terminal/text.ts";

/** The findings, in one line. */
export function foundLine({ tailnet, found }: Survey): string {
  const machines = `${counted(tailnet.machines, "machine")} of yours`;
  const login = tailnet.login === null ? "" : ` (${tailnet.login}, ${machines})`;
  const words: Readonly<Record<typeof tailnet.state, string>> = {
    running: `Tailscale${login}`,
    stopped: "Tailscale, stopped",
    unanswered: "Tailscale, not answering",
    missing: "no Tailscale",
  };
  return printable(
    ["found: ", [words[tailnet.state], ...found.map(agentWords)].join(" · ")].join(""),
  );
}

/** The line for a machine without an agent; else null. */
export const noAgentLine = ({ found }: Survey): string | null =>
  found.length > 0
    ? null
    : "no coding agent found on PATH; Claude Code, Codex and others join when setup is run again";

/** The outcome of setup: the machine is ready only when all of it works. */
export function outcomeWords(name: string, checks: readonly Check[]): string {
  const has = (state: Check["state"]): boolean => checks.some((check) => check.state === state);
  if (has("failed")) return `${name} is set up and not all of it works: mend what is marked ✗`;
  return has("warning") ? `${name} is set up, but for what is marked !` : `${name} is ready`;
}

const agentWords = ({ agent, version, hasPlugin }: FoundAgent): string =>
  [agent.label, version, hasPlugin ? "(with peernet's plugin)" : null]
    .filter((word) => word !== null)
    .join(" ");

/** Words for who can reach a machine with these listening addresses. */
export function reachWords(listen: readonly string[]): string {
  const words: Readonly<Record<string, string>> = {
    tailnet: "machines on its tailnet",
    lan: "machines on its local networks",
    "127.0.0.1": "only itself",
  };
  return listen.map((word) => words[word] ?? word).join(", ");
}

/** True when only this machine reaches an address of the settings. */
export const isLoopback = (address: string): boolean => /^(127\.|\[?::1\]?$)/.test(address);

/** The last line of setup when the machine listens on loopback alone. */
export const onlyHere = ({ tailnet }: Pick<Survey, "tailnet">): string => {
  const where = tailnet.state === "running" ? "tailnet" : "lan";
  return `No other machine can reach it; to let them: peernet setup --listen ${where}`;
};

/** A check for a person: with the agent's name as people say it. */
export const labelled = (check: Check): Check => ({
  ...check,
  name: agents.find(({ name }) => name === check.name)?.label ?? check.name,
});

/** The answers of setup, one row each. */
export const answerRows = (survey: Survey, plan: Plan): readonly (readonly string[])[] => [
  ["name", plan.settings.name],
  ["reached by", reachWords(plan.settings.listen)],
  ...(plan.settings.port === null
    ? []
    : [["port", `${plan.settings.port}, since another program uses ${portDefault}`]]),
  ["sessions", sessionsWords(plan.settings)],
  ["service", serviceWords(survey, plan)],
];

/** Words for which sessions take a handle by themselves. */
export function sessionsWords({ activate, folders }: Answers["settings"]): string {
  switch (activate) {
    case "repositories":
      return "every one in a git repository";
    case "folders":
      return folders.length === 0 ? "none: no folder is named" : `those in ${folders.join(", ")}`;
    case "none":
      return "none until `peernet activate`";
    default:
      return activate satisfies never;
  }
}

/** Words for the program that runs the daemon. */
export function serviceWords({ manager }: Survey, { service }: Plan): string {
  if (service !== null) return `${service.manager}, from login on`;
  return manager === null
    ? "none, since no service manager answers here; any peernet command starts the daemon"
    : "none; any peernet command starts the daemon";
}

/** The plan, one row a file: the action, the path, the content. */
export const planRows = (io: Io, plan: Plan): readonly (readonly string[])[] => [
  ...plan.steps.map((step) => [stateWord(step), shownPath(io, step), whatOf(step)]),
  ...plan.undone.map(({ path }) => ["undo", shortPath(io, path), "what an earlier setup wrote"]),
];

const stateWord = ({ state }: Step): string => (state === "same" ? "as is" : state);

function shownPath(io: Io, { found }: Step): string {
  const path = shortPath(io, found.path);
  return found.target === found.path ? path : `${path} → ${shortPath(io, found.target)}`;
}

function whatOf({ change, replaces }: Step): string {
  const { what, command, agent } = change;
  if (replaces !== null) return `${what}; replaces ${replaces}`;
  return command === null ? what : `${what} (by \`${agent?.program} mcp add\`)`;
}

/** Rows in columns, two spaces apart. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const clean = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = (clean[0] ?? []).map((_, at) =>
    Math.max(...clean.map((row) => widthOf(row[at] ?? ""))),
  );
  return clean.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd(),
  );
}

/** The changes of each file, as `diff -u` shows them; other people's settings are masked. */
export function diffLines(io: Io, plan: Plan): readonly string[] {
  return plan.steps
    .filter(({ state }) => state !== "same")
    .flatMap((step) => {
      const lines = diff(step.before, step.after);
      const shown = step.change.agent === null ? lines : veiled(lines, step.found.text);
      const about = step.change.command === null || step.replaces !== null ? "" : ", about";
      return [`${shownPath(io, step)}${about}`, ...shown.map((line) => `  ${line}`)];
    });
}

/** The command line that gives the same answers without a question. */
export function sameCommand({ settings, agents, service, tools }: Answers): string {
  const sessions = settings.activate === "folders" ? settings.folders.join(",") : settings.activate;
  return [
    ...["peernet", "setup", "--yes", "--name", settings.name],
    ...["--listen", settings.listen.join(",")],
    ...["--sessions", sessions],
    ...["--agents", agents.length === 0 ? "none" : agents.join(",")],
    ...(agents.includes("claude-code")
      ? ["--allow", tools.length === 0 ? "none" : tools.join(",")]
      : []),
    service ? "--service" : "--no-service",
  ]
    .map(quoted)
    .join(" ");
}
