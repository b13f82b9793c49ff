/**
 * `peernet policy allow` and `policy deny`: let a machine read repositories here, or run tasks in
 * them, or no longer, by one Enter. Shows the lines first; the daemon writes them.
 */

import { basename } from "node:path";
import { PeernetError } from "../../contract/errors.ts";
import type { GitReason } from "../../contract/lease.ts";
import { approvals } from "../../contract/policy/document.ts";
import type { PolicyOutput } from "../../contract/policy/rows.ts";
import { gitReasonFix, gitReasonText } from "../../contract/text/git-reasons.ts";
import { fittingName } from "../../contract/text/naming.ts";
import { describe } from "../../session/describe.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { printChecks } from "../terminal/checks.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, prompt } from "../terminal/output.ts";
import { noteChange, printReaders } from "./text.ts";

const flags = {
  ref: {
    kind: "text",
    value: "BRANCH",
    summary: "the branch to read; the present one unless given",
  },
  name: { kind: "text", value: "NAME", summary: "the repository's name for peers" },
  profile: {
    kind: "text",
    value: "PROFILES",
    summary: "of run: query, edit, build or commands of [profiles]; query unless given",
  },
  runner: { kind: "text", value: "RUNNERS", summary: "of run: claude-code,codex unless given" },
  approval: {
    kind: "text",
    value: "none|once|each",
    summary: "of run: when a person here approves; a machine that is not yours always waits",
  },
  yes: { kind: "switch", summary: "write it without asking" },
} as const satisfies Flags;

type AllowContext = Context<typeof flags>;

/** Lets a machine read repositories, or run tasks in them. */
export const allow = command({
  flags,
  examples: [
    "peernet policy allow laptop read ~/src/hydrate",
    "peernet policy allow laptop run ~/src/hydrate --profile query,edit",
  ],
  async run({ io, flags: given, words, json }: AllowContext) {
    const { peer, act, rest: paths } = askedOf(words, "allow");
    if (paths.length === 0) throw noPath(peer, act);
    if (given.name !== null && paths.length > 1) throw manyNames;
    const run = act === "run" ? rightsOf(given) : null;
    const repositories = await Promise.all(
      paths.map((path) => placeAt(io, path, { ref: given.ref, name: given.name, act })),
    );
    const plan = { verb: "allow", act, peer, repositories, run } as const;
    const written = await changed(io, plan, given.yes);
    if (written === null) return 1;
    await io.ensureKeeper();
    const sandbox = await io.sandbox();
    if (json) printJson(io, { policy: written, sandbox });
    else {
      printReaders(io, written);
      const { wall, detail, fix } = sandbox;
      const state = wall === null ? "failed" : wall === "bwrap" ? "ok" : "warning";
      printChecks(io, [{ name: "sandbox", state, detail, fix: state === "ok" ? null : fix }]);
      if (run !== null) await printRunners(io, run.runners);
    }
    return sandbox.wall === null ? 4 : 0;
  },
});

/** Lets a machine read repositories no longer, or run tasks in them. */
export const deny = command({
  flags: { yes: flags.yes },
  examples: ["peernet policy deny laptop read", "peernet policy deny laptop run hydrate"],
  async run({ io, flags: { yes }, words, json }) {
    const { peer, act, rest: names } = askedOf(words, "deny");
    const repositories = names.map((word) => ({
      ...{ name: fittingName(basename(word)) || word, path: null, ref: null },
    }));
    const written = await changed(io, { verb: "deny", act, peer, repositories, run: null }, yes);
    if (written === null) return 1;
    if (json) printJson(io, { policy: written });
    else printReaders(io, written);
    return 0;
  },
});

/** The peer, the act and the paths. @throws {bad_request} */
function askedOf([peer = "", act, ...rest]: readonly string[], verb: "allow" | "deny") {
  if (act === "read" || act === "run") return { peer, act, rest } as const;
  throw new PeernetError("bad_request", {
    message: `${verb} takes read or run`,
    hint:
      verb === "allow"
        ? `peernet policy allow ${peer} read FOLDER`
        : `peernet policy deny ${peer} read`,
  });
}

const models = ["query", "edit", "build"];

/** The tasks to allow. A fixed command has no runner. @throws {bad_request} */
function rightsOf({ profile, runner, approval }: AllowContext["flags"]) {
  const profiles = (profile ?? "query").split(",");
  const isModel = profiles.some((each) => models.includes(each));
  const when = approvals.find((each) => each === approval) ?? null;
  if (approval !== null && when === null) {
    throw new PeernetError("bad_request", {
      message: "--approval takes none, once or each",
      hint: "--approval once",
    });
  }
  const runners = isModel ? (runner ?? "claude-code,codex").split(",") : [];
  return { profiles, runners, approval: when };
}

/** Says which runner can work here, and what the others lack. */
async function printRunners(io: Io, names: readonly string[]): Promise<void> {
  const { runners } = await io.calls()["tasks/runners"]({});
  printChecks(
    io,
    runners
      .filter(({ name }) => names.includes(name))
      .map(({ name, refused, version }) => ({
        ...{ name, state: refused === null ? ("ok" as const) : ("warning" as const) },
        detail: refused ?? version ?? "can run",
        fix: refused === null ? null : "peernet runner",
      })),
  );
}

const noPath = (peer: string, act: string): PeernetError =>
  new PeernetError("bad_request", {
    message: "allow needs the folder of a repository",
    hint: `peernet policy allow ${peer} ${act} FOLDER`,
  });

const manyNames = new PeernetError("bad_request", {
  message: "--name is for one repository",
  hint: "leave --name out, or allow them one by one",
});

interface Naming {
  readonly ref: string | null;
  readonly name: string | null;
  readonly act: "read" | "run";
}

/**
 * A folder's repository, as a rule names it; where something may run, any folder, whose `ref` is
 * then null. @throws {repository_unknown}
 */
async function placeAt(io: Io, path: string, { ref, name, act }: Naming) {
  const { environment, timers, home, cwd } = io;
  const { HOME: user = "" } = environment;
  const typed = path.startsWith("~/") ? `${user}${path.slice(1)}` : path;
  const folder = typed.startsWith("/") ? typed : `${cwd()}/${typed}`;
  const found = await describe(folder, { environment, timers, home });
  const branch = ref ?? found.git?.branch ?? null;
  if (act === "run") {
    const root = found.git === null ? folder : found.root;
    const fits = name ?? (fittingName(basename(root)) || "folder");
    return { name: fits, path: root, ref: found.git === null ? null : (branch ?? "HEAD") };
  }
  if (found.git === null) throw notReadable(path, found.why ?? "broken");
  if (branch === null) {
    throw new PeernetError("repository_unknown", {
      message: `${path} is on no branch`,
      hint: "give a branch: --ref main",
    });
  }
  const fitting = name ?? (fittingName(basename(found.root)) || "repository");
  return { name: fitting, path: found.root, ref: branch };
}

/** A folder that no rule can name: peernet reads no bare repository, nor foreign objects. */
function notReadable(path: string, why: GitReason): PeernetError {
  const isTree = why !== "no_repository";
  return new PeernetError("repository_unknown", {
    message: isTree
      ? `${path} cannot be read: ${gitReasonText(why)}`
      : `${path} is in no work tree of git`,
    hint: isTree
      ? (gitReasonFix(why) ?? "in that folder: git status")
      : "give a work tree; of a bare repository git clone makes one",
  });
}

type Plan = Parameters<ReturnType<Io["calls"]>["policy/plan"]>[0];

/** Plans a change, shows it, and writes it once a person agrees; null when nobody did. */
async function changed(io: Io, plan: Plan, yes: boolean): Promise<PolicyOutput | null> {
  const planned = await started(io, () => io.calls()["policy/plan"](plan));
  const { text, replaces, added, removed } = planned;
  if (added.length === 0 && removed.length === 0) {
    note(io, plan.verb === "allow" ? "the policy allows that already" : "no rule allows that");
    return io.calls()["policy/check"]({});
  }
  noteChange(io, planned);
  if (!yes) {
    if (!io.terminal().stdin) {
      throw new PeernetError("not_a_person", {
        message: "without a terminal nobody can agree to this change",
        hint: "type it in a terminal of your own",
      });
    }
    const answer = await prompt(io, "write these lines to policy.toml? [Enter, or n] ");
    if (answer === null || !/^(y|yes|)$/i.test(answer.trim())) {
      note(io, "nothing was changed");
      return null;
    }
  }
  return io.calls()["policy/write"]({ text, replaces });
}
