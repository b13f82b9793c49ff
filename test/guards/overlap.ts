/** Guards of comparing changed files, and of warnings about them. */

import type { Guard } from "./guard.ts";

const daemon = "test/daemon/overlap/overlap.test.ts";
const hostile = "test/daemon/overlap/hostile.test.ts";
const told = "test/daemon/overlap/who-has.test.ts";
const hook = "test/hook/edit.test.ts";

/** Guards of comparing changed files. */
export const overlapGuards: readonly Guard[] = [
  {
    name: "files are compared for a peer with the scope alone",
    source: "src/daemon/overlap/incoming.ts",
    find: 'if (!permits(grants, { scope: "overlap", name: null }, now).permitted) {',
    replace: "if (false as boolean) {",
    file: hostile,
    test: "a peer without the scope is refused",
  },
  {
    name: "files are compared in repositories alone that the peer names",
    source: "src/core/overlap/answer.ts",
    find: "return isAsked && mayCompare(grants, repositoryName(lease), at);",
    replace: "return mayCompare(grants, repositoryName(lease), at);",
    file: daemon,
    test: "overlap P66",
  },
  {
    name: "another person's machine compares in repositories alone that its grant names",
    source: "src/core/overlap/answer.ts",
    find: "return entry.names === null ? grants.mine : entry.names.includes(repository);",
    replace: "return true;",
    file: daemon,
    test: "overlap needs the names of repositories for another person's machine",
  },
  {
    name: "a peer learns of 8 new repositories a day",
    source: "src/daemon/overlap/incoming.ts",
    find: "all.filter(({ files }) => after.all.has(files.identity))",
    replace: "all",
    file: hostile,
    test: "a peer learns of 8 new repositories a day",
  },
  {
    name: "a repository that a peer learns of is on record",
    source: "src/daemon/overlap/incoming.ts",
    find: "for (const identity of fresh) {",
    replace: "for (const identity of [] as typeof fresh) {",
    file: hostile,
    test: "a peer learns of 8 new repositories a day",
  },
  {
    name: "a session's name is told to a peer alone that may ask for it",
    source: "src/core/overlap/answer.ts",
    find: "name: asks.permitted ? lease.name : null,",
    replace: "name: lease.name,",
    file: daemon,
    test: "overlap hides the name of a session from a machine that may not ask",
  },
  {
    name: "a warning names a machine by a person's word alone",
    source: "src/daemon/overlap/handlers.ts",
    find: 'const machine = row?.named_by === "person" ? row.name : null;',
    replace: "const machine = row?.name ?? null;",
    file: daemon,
    test: "edit P67",
  },
  {
    name: "a session is warned three times an hour at most",
    source: "src/core/overlap/warnings.ts",
    find: "if (ofSession.length >= warningsPerHourMax) return false;",
    replace: "",
    file: daemon,
    test: "edit P67",
  },
  {
    name: "a peer that is not reached has no live session",
    source: "src/daemon/overlap/outgoing.ts",
    find: "if (!this.#isReached(fingerprint, now)) return [];",
    replace: "",
    file: told,
    test: "who-has says why a machine was not compared, until it is",
  },
  {
    name: "the hook asks about no file outside of the work tree",
    source: "src/session/overlap.ts",
    find: 'return below === "" || below === ".." || below.startsWith("../") ? null : below;',
    replace: "return below;",
    file: hook,
    test: "a hook follows links to the place of a file, and asks about no file elsewhere",
  },
  {
    name: "an edit waits a moment for the daemon at most",
    source: "src/hook/edit.ts",
    find: "const cancel = timers.after(editPatienceMs, () => patience.abort());",
    replace: "const cancel = timers.after(editPatienceMs, () => {});",
    file: hook,
    test: "a hook before an edit says nothing when the daemon is late, or not there",
  },
];
