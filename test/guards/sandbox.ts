/** Guards of the sandbox in which a reader serves. */

import type { Guard } from "./guard.ts";

const file = "test/keeper/sandbox/canaries.test.ts";
const test = "tryCanaries() P46: A reader serves only after every way out was found shut";
const source = "src/keeper/sandbox/enclose.ts";

/** Guards by which nothing but a reader's room exists for it. */
export const sandboxGuards: readonly Guard[] = [
  {
    ...{ name: "Landlock stands", source, file, test },
    find: "if (guards.files) restrictFiles(rulesOf(room));",
    replace: "rulesOf(room);",
  },
  {
    ...{ name: "a reader has no socket", source, file, test },
    find: "...(guards.network ? network : []),",
    replace: "...(guards.network ? [] : network),",
  },
  {
    ...{ name: "a reader leaves by no namespace, ring or memory", source, file, test },
    find: "...(guards.escapes ? escapes : []),",
    replace: "...(guards.escapes ? [] : escapes),",
  },
  {
    ...{ name: "a reader changes no mode, owner, time or attribute", source, file, test },
    find: "...(guards.metadata ? metadata : []),",
    replace: "...(guards.metadata ? [] : metadata),",
  },
  {
    ...{ name: "a reader starts nothing", source, file, test },
    find: "refuseCalls([...(guards.starts ? starts : []), ",
    replace: "refuseCalls([...(guards.starts ? [] : starts), ",
  },
  {
    ...{ name: "a reader signals nobody", source, file, test },
    find: "...(guards.signals ? signals : [])]",
    replace: "...(guards.signals ? [] : signals)]",
  },
  {
    ...{ name: "the filter is on every thread", file, test },
    source: "src/platform/sandbox/refusing.ts",
    find: "const allThreads = 1;",
    replace: "const allThreads = 0;",
  },
];

const decided = "test/core/policy/deciding.test.ts";
const again = "test/daemon/reads/judged-again.test.ts";

/** Guards by which a peer reads what the policy names, and nothing else. */
export const readGuards: readonly Guard[] = [
  {
    name: "a refusal beats every permission",
    ...{ source: "src/core/policy/deciding.ts", file: decided },
    find: "isKnown && refusals.length === 0 && rules.length > 0",
    replace: "isKnown && refusals.length >= 0 && rules.length > 0",
    test: "decide() lets a refusal beat every permission",
  },
  {
    name: "an absent selector matches nothing",
    ...{ source: "src/core/policy/deciding.ts", file: decided },
    find: 'if (!names(rule.repository, request.repository)) return "repository";',
    replace:
      'if (rule.repository && !names(rule.repository, request.repository)) return "repository";',
    test: "decide() denies when the rule names no repository",
  },
  {
    name: "a name counts for the key of the last check alone",
    source: "src/core/policy/binding.ts",
    find: "bound === fingerprint ? [name] : []",
    replace: "bound !== null ? [name] : []",
    file: "test/core/policy/binding.test.ts",
    test: "bindingOf() binds each name to the key that bears it",
  },
  {
    name: "a denied path is absent",
    source: "src/keeper/reader/file.ts",
    find: "if (entry === undefined || isDenied(entry.path)) {",
    replace: "if (entry === undefined) {",
    file: "test/keeper/reader/operations.test.ts",
    test: "readFile() is absent for a denied path",
  },
  {
    name: "an expensive expression is not told as no match",
    source: "src/keeper/reader/grep.ts",
    find: 'state.incomplete = "pattern_too_expensive";',
    replace: "state.incomplete = null;",
    file: "test/keeper/reader/operations.test.ts",
    test: "search() never tells an expression that was too expensive as no match",
  },
  {
    name: "a rule is judged again before its answer leaves",
    source: "src/daemon/reads/operating.ts",
    find: "if (!again.ok) return refuseHere(again.error);",
    replace: "if (!again.ok && again.error === null) return refuseHere(again.error);",
    file: again,
    test: "an operation tells nothing when a rule ends while the keeper reads",
  },
  {
    name: "a paused peer gets no list of repositories",
    source: "src/daemon/reads/listing.ts",
    find: "peer.grants.paused ? null : policy.of(peer.fingerprint)",
    replace: "policy.of(peer.fingerprint)",
    file: again,
    test: "a list holds what the policy lets this peer read; a paused peer gets none",
  },
  {
    name: "a policy lies in folders that nobody else can change",
    source: "src/platform/above.ts",
    find: "(mode & writableByOthers) !== 0 && (mode & sticky) === 0",
    replace: "(mode & writableByOthers) !== 0 && (mode & sticky) < 0",
    file: "test/platform/above.test.ts",
    test: "readTrusted() refuses it below a folder in which others can replace it",
  },
];
