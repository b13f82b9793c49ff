/**
 * Source files as the rules see them: parsed by the TypeScript compiler, so that a word inside a
 * string or a comment is never taken for code. Parses and looks up; judges nothing.
 */

import * as ts from "typescript/unstable/ast";
import { API } from "typescript/unstable/async";
import { createVirtualFileSystem } from "typescript/unstable/fs";

/** One import or re-export of a file. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Gone once types are stripped. `import { type X }` is not: the file is still loaded. */
  readonly typeOnly: boolean;
  /** `import()`: loaded when it is reached, not with the file. */
  readonly lazy: boolean;
  readonly names: readonly string[];
}

/** A parsed file. */
export interface Source {
  /** From the root of the repository, `src/main.ts`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
  /** The text with every literal and every non-comment character blanked, line by line. */
  readonly comments: readonly string[];
}

/** Something that a rule forbids, and what to do instead. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Judges one file. */
export type Rule = (source: Source) => readonly Violation[];

/** Parses files, given as text by path. */
export async function parseAll(
  files: Readonly<Record<string, string>>,
): Promise<readonly Source[]> {
  const settings = { noLib: true, noResolve: true, types: [], allowJs: false };
  const project = { files: Object.keys(files), compilerOptions: settings };
  const rooted = Object.entries(files).map(([path, text]) => [`/${path}`, text]);
  const fs = createVirtualFileSystem({
    ...Object.fromEntries(rooted),
    "/tsconfig.json": JSON.stringify(project),
  });
  const api = new API({ cwd: "/", fs });
  try {
    const snapshot = await api.updateSnapshot({ openProjects: ["/tsconfig.json"] });
    const program = snapshot.getProjects()[0]?.program;
    return await Promise.all(
      Object.entries(files).map(async ([path, text]) => {
        const tree = await program?.getSourceFile(`/${path}`);
        if (tree === undefined) throw new Error(`${path} could not be parsed`);
        return { path, text, tree, imports: importsOf(tree), comments: commentsOf(tree, text) };
      }),
    );
  } finally {
    await api.close();
  }
}

/** Calls a function with every node of a tree, outermost first. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  node.forEachChild((child) => visit(child, see));
}

/** The line, counted from 1, on which a node begins. */
export const lineOf = (node: ts.Node): number => {
  const tree = node.getSourceFile();
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
};

/** The line on which a node ends. */
export const lastLineOf = (node: ts.Node): number =>
  node.getSourceFile().getLineAndCharacterOfPosition(node.getEnd()).line + 1;

/** A violation at a node. */
export const at = (source: Source, node: ts.Node, message: string): Violation => ({
  path: source.path,
  line: lineOf(node),
  message,
});

/** A violation as one line. */
export const shown = ({ path, line, message }: Violation): string => `${path}:${line}: ${message}`;

function importsOf(tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  visit(tree, (node) => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const typeOnly = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      add(node, node.moduleSpecifier, { typeOnly, names: clause ? namesIn(clause) : [] });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node, node.moduleSpecifier, { typeOnly: node.isTypeOnly, names: namesIn(node) });
    } else if (ts.isCallExpression(node)) {
      const lazy = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const required = ts.isIdentifier(node.expression) && node.expression.text === "require";
      if (lazy || required) add(node, node.arguments[0], { lazy });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, { typeOnly: true });
    }
  });
  return found;

  function add(node: ts.Node, specifier: ts.Node | undefined, rest: Partial<Import>): void {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const whole = { typeOnly: false, lazy: false, names: [], ...rest };
    found.push({ specifier: specifier.text, line: lineOf(node), ...whole });
  }
}

function namesIn(node: ts.Node): string[] {
  const names: string[] = [];
  visit(node, (inner) => {
    if (ts.isImportSpecifier(inner)) names.push((inner.propertyName ?? inner.name).text);
  });
  return names;
}

function commentsOf(tree: ts.SourceFile, text: string): string[] {
  const units = text.split("");
  visit(tree, (node) => {
    const literal =
      ts.isStringLiteral(node) || ts.isRegularExpressionLiteral(node) || isTemplatePart(node);
    if (literal) units.fill(" ", node.getStart(tree), node.getEnd());
  });
  const withoutLiterals = units.map((unit, index) => (text[index] === "\n" ? "\n" : unit)).join("");
  const comments = withoutLiterals.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|[^\n]/g, (match) =>
    match.length > 1 ? match : " ",
  );
  return comments.split("\n");
}

const isTemplatePart = (node: ts.Node): boolean =>
  ts.isNoSubstitutionTemplateLiteral(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddle(node) ||
  ts.isTemplateTail(node);
