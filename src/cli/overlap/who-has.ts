/** `peernet who-has`: the live sessions that have changed these files, on any machine. */

import { relative, resolve } from "node:path";
import { PeernetError } from "../../contract/errors.ts";
import type { NotCompared, WhoHasOutput } from "../../contract/overlap/overlap.ts";
import { notShown, told, toldText } from "../../contract/text/fact-groups.ts";
import { ago } from "../../contract/text/words.ts";
import { selectorOf } from "../../session/caller.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { comparedFile, comparedTree } from "../frame/compared.ts";
import { nothing } from "../frame/facts.ts";
import type { Io } from "../terminal/io.ts";
import { printJson, printLine, printTable, type Row } from "../terminal/output.ts";

/** Names other live sessions that have changed these files. */
export const whoHas = command({
  flags: {},
  examples: ["peernet who-has src/sync.ts"],
  async run({ io, words, json }) {
    const tree = await comparedTree(io);
    if (tree === null) throw notComparable();
    const paths = [...new Set(words.map((word) => relative(tree.root, resolve(io.cwd(), word))))];
    const outside = paths.find((path) => path === "" || path.startsWith(".."));
    if (outside !== undefined) throw notInside(outside);
    const files = paths.map((path) => comparedFile(tree.identity, path));
    const found = await started(io, () =>
      io.calls()["overlap/who"]({
        identity: tree.identity,
        paths: files.map(({ digest }) => digest),
        except: selectorOf(io, undefined),
      }),
    );
    if (json) printJson(io, { files: paths, ...found });
    else print(io, found, paths);
    return 0;
  },
});

const notComparable = (): PeernetError =>
  new PeernetError("bad_request", {
    message: "files are compared in a git repository with its full history; none is here",
    hint: "in a shallow clone: git fetch --unshallow",
  });

const notInside = (path: string): PeernetError =>
  new PeernetError("bad_request", {
    message: `${path === "" ? "the folder itself" : path} is no file of this work tree`,
    hint: "peernet who-has src/sync.ts",
  });

function print(io: Io, { sessions, not_compared }: WhoHasOutput, paths: readonly string[]): void {
  const rows = sessions.map((session): Row => {
    const found = session.paths.map((at) => paths[at] ?? "");
    const files = session.more ? "has changed too many files to compare" : found.join(", ");
    const handle = session.handle ?? `a session on ${session.machine}`;
    const { branch, hidden } = session;
    const fact = told(branch, { of: "branch", hidden, why: nothing });
    const on = fact.is === "hidden" ? `branch ${notShown}` : toldText(fact, String);
    const age = { text: ago(session.age_ms), style: "dim" } as const;
    return { cells: [{ text: handle, style: "bold" }, on, files, age] };
  });
  if (rows.length > 0) printTable(io, rows, [{ gap: 3 }, { gap: 3, max: 30 }, { gap: 3 }]);
  else
    printLine(io, `no other live session has changed ${paths.length === 1 ? paths[0] : "these"}`);
  for (const { machine, why, last_seen_age_ms: age } of not_compared) {
    const seen = why === "not_reached" && age !== null ? `, last seen ${ago(age)}` : "";
    printLine(io, `not compared with ${machine}: ${reasons[why]}${seen}`);
  }
}

const reasons: Readonly<Record<NotCompared, string>> = {
  not_granted: "it does not let this machine compare files",
  not_reached: "it is not reached now",
  no_answer: "it has not answered yet",
  no_session: "no session here is live in this repository",
  more_sessions: "it has more sessions than it could tell",
};
