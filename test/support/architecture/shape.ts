/** The size and shape of source: taste is in the tail, so it is the maximum that is limited. */

import * as ts from "typescript/unstable/ast";
import { layerOf } from "./imports.ts";
import { at, lastLineOf, lineOf, type Rule, type Source, type Violation, visit } from "./source.ts";

const fileLinesMax = 300;
const functionLinesMax = 50;
const lineCharactersMax = 100;
const parametersMax = 3;

/** Classes own a resource, and are named here with it. */
const classes: Readonly<Record<string, string>> = {
  PeernetError: "the one error",
  Channel: "the events that wait for a reader",
  Places: "the connections of a listener",
  ServedSocket: "a socket that is served",
  CalledSocket: "a socket that is called over",
  HeadBytes: "the bytes of a head as they come",
  BodyBytes: "the bytes of a body as they come",
  Finder: "the search under way",
  Meetings: "the calls under way to expected machines",
  Listening: "the addresses that are bound",
  PeerCalls: "the connections to peers",
  ReverseCalls: "the reverse connections of peers",
  ReverseDials: "the reverse connections to peers",
  ReverseHellos: "the hellos over reverse connections in progress",
  Networks: "the announcement on the LAN",
  Serial: "the work that waits its turn, by key",
  Hosting: "the rounds that run here, and their timers",
  Homing: "the transfers under way to and from peers, and their timers",
  Delivery: "the entries under way to peers, and their timers",
  Judging: "the waits of peers, and the timer of the next",
  OutgoingWaits: "the waits of sessions here, and who listens",
  Links: "the dials to peers and their timers",
  PeerMemory: "what was observed of one peer",
  PeerMemories: "what is known of each peer until the daemon ends",
  PairingWindow: "the one window and its runs",
  PeerCounts: "the counts of what peers ask, by the hour",
  RefusalCounts: "the counts of the minute under way",
  Trail: "the chain's file of checkpoints",
  PendingErrands: "the errands that are open, and the keeper's stream",
  Telling: "the next look for mail, and the one under way",
  Doubts: "the handovers that are looked into",
  Watching: "the readers of the change feed",
  LocalChanges: "the changed files of sessions here until the daemon ends",
  PeerOverlaps: "the changed files of peers' sessions, and the questions under way",
};

/** Files and lines that fit a screen. */
export const sizeRule: Rule = (source) => {
  const lines = source.text.replace(/\n$/, "").split("\n");
  const found: Violation[] = lines.flatMap((line, index) => {
    const characters = [...line].length;
    // A promise of SECURITY.md is quoted whole, or it is not found.
    if (characters <= lineCharactersMax || /\bP\d+: /.test(line)) return [];
    const message = `line of ${characters} characters: at most ${lineCharactersMax}, break it`;
    return [{ path: source.path, line: index + 1, message }];
  });
  if (lines.length <= fileLinesMax) return found;
  const message = `file of ${lines.length} lines: at most ${fileLinesMax}, split what it knows`;
  return [...found, { path: source.path, line: fileLinesMax + 1, message }];
};

/** Functions that can be read at once. */
export const functionRule: Rule = (source) => {
  const found: Violation[] = [];
  visit(source.tree, (node) => {
    if (!ts.isFunctionLikeDeclaration(node)) return;
    const name = nameOf(node);
    const lines = lastLineOf(node) - lineOf(node) + 1;
    if (lines > functionLinesMax && !isDescribe(node)) {
      const text = `of ${lines} lines: at most ${functionLinesMax}, name its steps`;
      found.push(at(source, node, `function ${name} ${text}`));
    }
    const parameters = node.parameters.filter(({ name }) => name.getText(source.tree) !== "this");
    if (parameters.length <= parametersMax) return;
    const text = `takes ${parameters.length} parameters: at most ${parametersMax}, take an object`;
    found.push(at(source, node, `function ${name} ${text}`));
  });
  return found;
};

/** No `any`, and no cast that does not say why it holds. */
export const castRule: Rule = (source) => {
  if (layerOf(source.path) === null && !source.path.startsWith("scripts/")) return [];
  const found: Violation[] = [];
  visit(source.tree, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      found.push(at(source, node, "any is banned: use unknown and check it"));
    } else if (isCast(node) && !isExplained(source, node)) {
      found.push(at(source, node, "cast without a reason: check the value, or say why it holds"));
    }
  });
  return found;
};

/** Each file says what it is for; names are exported by the file that has them. */
export const fileRule: Rule = (source) => {
  if (layerOf(source.path) === null) return [];
  const found: Violation[] = [];
  if (!source.text.startsWith("/**")) {
    const message = "no header: begin with /** what it is responsible for and refuses to do */";
    found.push({ path: source.path, line: 1, message });
  }
  visit(source.tree, (node) => {
    if (ts.isExportAssignment(node) || isDefault(node)) {
      found.push(at(source, node, "default export: export a name"));
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      found.push(at(source, node, "re-export: import the name from the file that has it"));
    } else if (ts.isClassLikeDeclaration(node) && !Object.hasOwn(classes, node.name?.text ?? "")) {
      const name = node.name?.text ?? "";
      found.push(at(source, node, `class ${name}: write functions, or name the resource it owns`));
    }
  });
  return found;
};

/** Nothing is left undone or left out in silence. */
export const unfinishedRule: Rule = (source) => {
  const found: Violation[] = source.comments.flatMap((comment, index) => {
    const word = /\b(TODO|FIXME|XXX|HACK)\b/.exec(comment)?.[0];
    if (word === undefined) return [];
    return [{ path: source.path, line: index + 1, message: `${word}: do it, or file it` }];
  });
  if (source.path === "test/support/skip.ts") return found;
  visit(source.tree, (node) => {
    if (!ts.isPropertyAccessExpression(node)) return;
    const chain = node.getText(source.tree);
    const mode = /^(?:test|it|describe)\.(only|skip|skipIf|if|todo|todoIf)$/.exec(chain)?.[1];
    if (mode === undefined) return;
    const instead = mode === "only" ? "run the file by its name" : "use skipUnless(condition, why)";
    found.push(at(source, node, `${chain} is banned: ${instead}`));
  });
  return found;
};

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if ("name" in node && node.name !== undefined) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) ? parent.name.getText() : "without a name";
}

/** A group of tests is a list, not a function to be read at once. */
const isDescribe = ({ parent }: ts.Node): boolean =>
  ts.isCallExpression(parent) && /^describe\b/.test(parent.expression.getText());

const isCast = (node: ts.Node): boolean =>
  ts.isTypeAssertion(node) || (ts.isAsExpression(node) && node.type.getText() !== "const");

/** A comment on one of the cast's lines, above it, or above the statement it is in. */
function isExplained(source: Source, node: ts.Node): boolean {
  const hasComment = (line: number): boolean => (source.comments[line - 1] ?? "").includes("//");
  let statement = node;
  while (!ts.isStatement(statement) && statement.parent !== undefined) statement = statement.parent;
  const lines = [lineOf(statement) - 1, lineOf(node) - 1, lineOf(node), lastLineOf(node)];
  return lines.some(hasComment);
}

const isDefault = (node: ts.Node): boolean =>
  (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) &&
  (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
