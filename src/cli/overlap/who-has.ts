/** `peernet who-has`: the live sessions that have changed these files, on any machine. */

import { resolve } from "node:path";
import { PeernetError } from "../../contract/errors.ts";
import type { GitReason } from "../../contract/lease.ts";
import type { NotCompared, WhoHasOutput } from "../../contract/overlap/overlap.ts";
import { notShown, told, toldText } from "../../contract/text/fact-groups.ts";
import { gitReasonFix, gitReasonText } from "../../contract/text/git-reasons.ts";
import { ago } from "../../contract/text/words.ts";
import { selectorOf } from "../../session/caller.ts";
import { describe } from "../../session/describe.ts";
import { folderAt } from "../../session/folder.ts";
import { pathBelow } from "../../session/overlap.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { comparedFile } from "../frame/compared.ts";
import { nothing } from "../frame/facts.ts";
import type { Io } from "../terminal/io.ts";
import { printJson, printLine, printTable, type Row } from "../terminal/output.ts";
import { typed } from "../terminal/text.ts";

/** Names other live sessions that have changed these files. */
export const whoHas = command({
  flags: {},
  examples: ["peernet who-has src/sync.ts"],
  async run({ io, words, json }) {
    const { root, identity } = await treeOf(io, words[0] ?? "");
    const paths = new Set<string>();
    for (const word of words) {
      const at = resolve(io.cwd(), word);
      const path = pathBelow(root, at);
      if (path === null) throw notInside(word, root);
      if ((await folderAt(at)) === at) throw notFile(word);
      paths.add(path);
    }
    const files = [...paths].map((path) => comparedFile(identity, path));
    const found = await started(io, () =>
      io.calls()["overlap/who"]({
        identity,
        paths: files.map(({ digest }) => digest),
        except: selectorOf(io, undefined),
      }),
    );
    if (json) printJson(io, { files: [...paths], ...found });
    else print(io, found, [...paths]);
    return 0;
  },
});

/** The work tree of a file, which need not exist; a command may run outside of it. */
async function treeOf(io: Io, word: string) {
  const folder = await folderAt(resolve(io.cwd(), word));
  const look = () => describe(folder, { ...io, compares: "identity" });
  let found = await look();
  if (found.why === "unread") {
    // Git is read in the state folder, which a first start makes.
    await io.ensureDaemon();
    found = await look();
  }
  const { root, identity, why, changedWhy = why ?? "broken" } = found;
  if (identity === undefined) throw notComparable(folder, changedWhy);
  return { root, identity };
}

function notComparable(folder: string, why: GitReason): PeernetError {
  if (why === "no_repository") {
    return new PeernetError("bad_request", {
      message: `files are compared in a work tree of git; ${folder} is in none`,
      hint: "name a file in a work tree: peernet who-has ~/src/hydrate/src/sync.ts",
    });
  }
  return new PeernetError("bad_request", {
    message: `the files of ${folder} cannot be compared: ${gitReasonText(why)}`,
    hint: gitReasonFix(why) ?? "git commit: the first commit is what names a repository",
  });
}

const notInside = (word: string, root: string): PeernetError =>
  new PeernetError("bad_request", {
    message: `${typed(word)} is no file of the work tree ${root}`,
    hint: "name files of one work tree: peernet who-has src/sync.ts",
  });

const notFile = (word: string): PeernetError =>
  new PeernetError("bad_request", {
    message: `${typed(word)} is a folder, and files are compared`,
    hint: "name its files: peernet who-has $(git ls-files FOLDER)",
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
