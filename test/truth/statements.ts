/**
 * Finds the texts by which the command line, the tools, the page and the daemon state something,
 * as the compiler parses them. A text counts when it names a machine or a session, by a word or by
 * a value in it, and says something of it by a verb or a state. Finds too much rather than too
 * little: the table says which texts are about another machine.
 */

import * as ts from "typescript/unstable/ast";
import { parseAll, type Source, visit } from "../support/architecture/source.ts";

/** A text, with `…` in the place of each value. */
export interface Statement {
  readonly path: string;
  readonly text: string;
}

/** Folders whose texts reach a person or a model. */
const speaking = new RegExp(
  "^src/(cli|mcp|hook|session|core|daemon|dashboard/page|contract/text)/|" +
    "^src/contract/(errors|ask|(reads|messages)/words|delivery/ways).ts$",
);

/** Help, setup, the tools' descriptions and the audit chain speak of peernet itself. */
const describing = new RegExp(
  "^src/(cli/(help|setup|wizard)|daemon/(api|audit)|mcp/server)/|^src/cli/[a-z]+/entries.ts$|" +
    "^src/(cli/commands|contract/mcp|core/audit-[a-z]+|contract/text/unfit|daemon/daemon).ts$",
);

/** Files that speak of other machines alone: any of their phrases counts. */
const ofPeers = new Set([
  "src/contract/text/standing.ts",
  "src/contract/text/audit-sentence.ts",
  "src/core/peers/link.ts",
  "src/daemon/ask/errors.ts",
]);

const subject = new RegExp(
  "\\{[^}]*\\b(name|peer|machine|who|other|handle|from)[^}]*\\}|" +
    "\\b(it|its|there|they|peers?|machines?|sessions?|handles?)\\b",
  "i",
);

const predicate = new RegExp(
  "\\b(is|are|was|were|has|have|had|may|can|cannot|could|does|do|did|reaches|runs|keeps|answers|" +
    "answered|accepts|watches|lets|hides|waits?|waiting|working|idle|ended|asked|calls|told|" +
    "sent|seen|known|gone|looked|typed|took|gave|connects|fails|fit|down|up|refused|unpaired|" +
    "live|paired|held|arrived|read|bears?|bore|counts?)\\b",
);

/** The statements of all sources, each text of a file once. */
export async function statementsIn(
  files: Readonly<Record<string, string>>,
): Promise<readonly Statement[]> {
  const spoken = Object.entries(files).filter(
    ([path]) => speaking.test(path) && !describing.test(path),
  );
  const sources = await parseAll(Object.fromEntries(spoken));
  return sources.flatMap((source) =>
    [...new Set(textsOf(source))]
      .filter((text) => isStatement(source.path, text))
      .map((text) => ({ path: source.path, text: shown(text) })),
  );
}

/** Hints, which say what to do. */
const hint = new RegExp(
  "^(peernet |did you mean|write it|free some|on {[^}]*} run:|look at |wake |update peernet|" +
    "set the clock|let peernet|type it)",
);

function isStatement(path: string, text: string): boolean {
  if (hint.test(text)) return false;
  if (!/[a-z]{2,}[^a-z]+[a-z{]|\}/i.test(text.trim()) || !text.includes(" ")) return false;
  if (ofPeers.has(path)) return /[a-z]{2}/.test(text.replace(/\{[^}]*\}/g, ""));
  return subject.test(text) && predicate.test(text.replace(/\{[^}]*\}/g, "…"));
}

/** A text on one line, its values as `…`. */
const shown = (text: string): string =>
  text
    .replace(/\{[^}]*\}/g, "…")
    .replace(/\s+/g, " ")
    .trim();

function textsOf({ tree }: Source): readonly string[] {
  const texts: string[] = [];
  visit(tree, (node) => {
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) {
      texts.push(node.children.map((child) => partOf(tree, child)).join(" "));
    } else if (isText(node) && !isCode(node)) texts.push(textOf(tree, node));
  });
  return texts;
}

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteral(node) ||
  ts.isNoSubstitutionTemplateLiteral(node) ||
  ts.isTemplateExpression(node);

/** Joined by `+`, texts are one: the outermost sum is read. */
function textOf(tree: ts.SourceFile, node: ts.Node): string {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return "";
  const spans = node.templateSpans.map(
    ({ expression, literal }) => `{${valueIn(tree, expression)}}${literal.text}`,
  );
  return node.head.text + spans.join("");
}

const valueIn = (tree: ts.SourceFile, node: ts.Node): string =>
  node.getText(tree).replace(/[{}]/g, " ");

/** The text of a child of an element; elements inside are read on their own. */
function partOf(tree: ts.SourceFile, node: ts.Node): string {
  if (ts.isJsxText(node)) return node.text;
  return ts.isJsxExpression(node) && node.expression !== undefined
    ? `{${valueIn(tree, node.expression)}}`
    : "…";
}

/** Types, imports and the names of properties hold no statement. */
const isCode = (node: ts.Node): boolean =>
  ts.isLiteralTypeNode(node.parent) ||
  ts.isImportDeclaration(node.parent) ||
  ts.isExportDeclaration(node.parent) ||
  (ts.isPropertyAssignment(node.parent) && node.parent.name === node);
