/**
 * `peernet policy allow` and `policy deny`: let a machine read repositories here, or no longer, by
 * one Enter. Shows the lines first; the daemon writes them.
 */

import { basename } from "node:path";
import { PeernetError } from "../../contract/errors.ts";
import type { PolicyOutput } from "../../contract/policy/rows.ts";
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
  yes: { kind: "switch", summary: "write it without asking" },
} as const satisfies Flags;

type AllowContext = Context<typeof flags>;

/** Lets a machine read repositories. */
export const allow = command({
  flags,
  examples: ["peernet policy allow laptop read ~/src/hydrate"],
  async run({ io, flags: given, words, json }: AllowContext) {
    const [peer = "", ...paths] = askedOf(words, "allow");
    if (paths.length === 0) throw noPath(peer);
    if (given.name !== null && paths.length > 1) throw manyNames;
    const repositories = await Promise.all(
      paths.map((path) => repositoryAt(io, path, { ref: given.ref, name: given.name })),
    );
    const written = await changed(io, { verb: "allow", peer, repositories }, given.yes);
    if (written === null) return 1;
    await io.ensureKeeper();
    const sandbox = await io.sandbox();
    if (json) printJson(io, { policy: written, sandbox });
    else {
      printReaders(io, written);
      const { wall, detail, fix } = sandbox;
      const state = wall === null ? "failed" : wall === "bwrap" ? "ok" : "warning";
      printChecks(io, [{ name: "sandbox", state, detail, fix: state === "ok" ? null : fix }]);
    }
    return sandbox.wall === null ? 4 : 0;
  },
});

/** Lets a machine read repositories no longer. */
export const deny = command({
  flags: { yes: flags.yes },
  examples: ["peernet policy deny laptop read", "peernet policy deny laptop read hydrate"],
  async run({ io, flags: { yes }, words, json }) {
    const [peer = "", ...names] = askedOf(words, "deny");
    const repositories = names.map((word) => ({
      ...{ name: fittingName(basename(word)) || word, path: null, ref: null },
    }));
    const written = await changed(io, { verb: "deny", peer, repositories }, yes);
    if (written === null) return 1;
    if (json) printJson(io, { policy: written });
    else printReaders(io, written);
    return 0;
  },
});

/** The peer and the paths. @throws {bad_request} */
function askedOf(
  [peer = "", act, ...paths]: readonly string[],
  verb: "allow" | "deny",
): readonly string[] {
  if (act === "read") return [peer, ...paths];
  throw new PeernetError("bad_request", {
    message: act === "run" ? "this version runs nothing for a peer" : `${verb} takes read`,
    hint:
      verb === "allow"
        ? `peernet policy allow ${peer} read FOLDER`
        : `peernet policy deny ${peer} read`,
  });
}

const noPath = (peer: string): PeernetError =>
  new PeernetError("bad_request", {
    message: "allow needs the folder of a repository",
    hint: `peernet policy allow ${peer} read FOLDER`,
  });

const manyNames = new PeernetError("bad_request", {
  message: "--name is for one repository",
  hint: "leave --name out, or allow them one by one",
});

interface Naming {
  readonly ref: string | null;
  readonly name: string | null;
}

/** A folder's repository, as a rule names it. @throws {repository_unknown} */
async function repositoryAt(io: Io, path: string, { ref, name }: Naming) {
  const { environment, timers, home, cwd } = io;
  const { HOME: user = "" } = environment;
  const typed = path.startsWith("~/") ? `${user}${path.slice(1)}` : path;
  const folder = typed.startsWith("/") ? typed : `${cwd()}/${typed}`;
  const found = await describe(folder, { environment, timers, home });
  const branch = ref ?? found.git?.branch ?? null;
  if (found.git === null || branch === null) {
    throw new PeernetError("repository_unknown", {
      message:
        found.git === null ? `${path} is no readable git repository` : `${path} is on no branch`,
      hint: found.git === null ? "give the folder of a work tree" : "give a branch: --ref main",
    });
  }
  const fitting = name ?? (fittingName(basename(found.root)) || "repository");
  return { name: fitting, path: found.root, ref: branch };
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
