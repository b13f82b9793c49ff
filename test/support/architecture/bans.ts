/**
 * Effects that source may not touch: time, randomness, the environment and the console outside of
 * platform, paths and processes below the daemon, anything at all in core and contract.
 */

import * as ts from "typescript/unstable/ast";
import { layerOf } from "./imports.ts";
import { at, type Rule, type Source, type Violation, visit } from "./source.ts";

type Bans = Readonly<Record<string, string>>;

const clock = "use Effects.clock, read once per request";
const random = "use Effects.random";
const timers = "use Effects.timers";
const environment = "take it as a parameter, main.ts reads the environment";

/** Banned but in platform and main. */
const effects: Bans = {
  "Date.now": clock,
  "performance.now": clock,
  "performance.timeOrigin": clock,
  "process.hrtime": clock,
  "process.uptime": clock,
  "Bun.nanoseconds": clock,
  "Math.random": random,
  "crypto.randomUUID": random,
  "crypto.getRandomValues": random,
  "Bun.randomUUIDv7": random,
  "Bun.randomUUIDv5": random,
  "process.env": environment,
  "Bun.env": environment,
  "import.meta.env": environment,
  setTimeout: timers,
  setInterval: timers,
  setImmediate: timers,
  "Bun.sleep": timers,
  "Bun.sleepSync": timers,
  "AbortSignal.timeout": "use Effects.timers and an AbortController",
  console: "use Effects.log, or the Io of a command",
};

/** Banned but in main. */
const ending: Bans = {
  "process.exit": "return an exit code to main.ts",
  "process.exitCode": "return an exit code to main.ts",
  "process.abort": "return an exit code to main.ts",
};

const filing = "use Effects.files, rooted at the state folder";
const starting = "the daemon starts nothing: facts are pushed to it";

/** Banned in everything a daemon answers with. */
const paths: Bans = {
  "Bun.file": filing,
  "Bun.write": filing,
  "Bun.mmap": filing,
  "Bun.Glob": filing,
  "Bun.FileSystemRouter": filing,
  "Bun.$": starting,
  "Bun.spawn": starting,
  "Bun.spawnSync": starting,
};

const pure = "pass plain values in, answer with plain values";

/** Banned where everything is pure. */
const impure: Bans = { Bun: pure, process: pure, fetch: pure, require: pure };

/** Used without naming a member these could be aliased past every ban. */
const whole = new Set(["Bun", "process", "performance", "crypto", "Math", "globalThis"]);

/** In the browser there is no Effects: this file stands for it. */
const browserEffects = "src/dashboard/page/state/browser.ts";

/** No effect but through the door that Effects is. */
export const effectRule: Rule = (source) => {
  const layer = layerOf(source.path);
  if (source.path === browserEffects) return [];
  if (layer === null || layer === "platform" || layer === "main") return [];
  return [...banned(source, effects), ...dates(source), ...aliases(source)];
};

/** Only main ends the process. */
export const exitRule: Rule = (source) => {
  const layer = layerOf(source.path);
  return layer === null || layer === "main" ? [] : banned(source, ending);
};

/** Nothing that answers can open a path or start a process. */
export const pathRule: Rule = (source) => {
  const layer = layerOf(source.path) ?? "";
  if (!["contract", "core", "store", "peer", "daemon", "discovery"].includes(layer)) return [];
  return banned(source, paths);
};

/** Contract and core touch nothing of the runtime. */
export const pureRule: Rule = (source) => {
  const layer = layerOf(source.path);
  return layer === "contract" || layer === "core" ? banned(source, impure) : [];
};

/** Only the store opens a database. */
export const databaseRule: Rule = (source) =>
  layerOf(source.path) === null || layerOf(source.path) === "store"
    ? []
    : newOf(source, "Database").map((node) =>
        at(source, node, "new Database is banned here: read and write through src/store"),
      );

function banned(source: Source, bans: Bans): Violation[] {
  const declared = declaredIn(source);
  const found: Violation[] = [];
  visit(source.tree, (node) => {
    const name = referenceOf(node);
    if (name === null || declared.has(name.split(".")[0] ?? "")) return;
    const instead = Object.hasOwn(bans, name) ? bans[name] : undefined;
    if (instead !== undefined) found.push(at(source, node, `${name} is banned here: ${instead}`));
  });
  return found;
}

/** `new Date()`, and `Date` used as anything but a constructor with an argument. */
function dates(source: Source): Violation[] {
  const found: Violation[] = [];
  visit(source.tree, (node) => {
    if (referenceOf(node) !== "Date") return;
    const { parent } = node;
    if (ts.isNewExpression(parent) && (parent.arguments?.length ?? 0) > 0) return;
    if (isMemberOf(node, parent)) return;
    found.push(at(source, node, `Date without an argument is banned here: ${clock}`));
  });
  return found;
}

function aliases(source: Source): Violation[] {
  const declared = declaredIn(source);
  const found: Violation[] = [];
  visit(source.tree, (node) => {
    const name = referenceOf(node);
    if (name === null || !whole.has(name) || declared.has(name)) return;
    if (isMemberOf(node, node.parent) || ts.isTypeOfExpression(node.parent)) return;
    found.push(at(source, node, `${name} as a whole is banned here: name the member you use`));
  });
  return found;
}

const isMemberOf = (node: ts.Node, parent: ts.Node): boolean =>
  (ts.isPropertyAccessExpression(parent) && parent.expression === node) ||
  (ts.isElementAccessExpression(parent) &&
    parent.expression === node &&
    ts.isStringLiteral(parent.argumentExpression));

function newOf(source: Source, name: string): ts.Node[] {
  const found: ts.Node[] = [];
  visit(source.tree, (node) => {
    if (ts.isNewExpression(node) && referenceOf(node.expression) === name) found.push(node);
  });
  return found;
}

/** The dotted name that an expression refers to, `process.env` for `globalThis.process["env"]`. */
function referenceOf(node: ts.Node): string | null {
  const isExpression =
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isMetaProperty(node) ||
    (ts.isIdentifier(node) && isReference(node));
  return isExpression
    ? (nameOf(node)?.replace(/^(globalThis|self|window)\.(?=.)/, "") ?? null)
    : null;
}

function nameOf(node: ts.Node): string | null {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isMetaProperty(node)) return "import.meta";
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) {
    return nameOf(node.expression);
  }
  if (ts.isAsExpression(node)) return nameOf(node.expression);
  if (ts.isPropertyAccessExpression(node)) return joined(node.expression, node.name.text);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression)) {
    return joined(node.expression, node.argumentExpression.text);
  }
  return null;
}

function joined(left: ts.Node, right: string): string | null {
  const name = nameOf(left);
  return name === null ? null : `${name}.${right}`;
}

/** True for an identifier that stands for a value, not for a property, a declaration or a type. */
function isReference(node: ts.Identifier): boolean {
  const parent: ts.Node & { readonly name?: unknown; readonly propertyName?: unknown } =
    node.parent;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isTypeNode(parent) || ts.isQualifiedName(parent)) return false;
  return parent.name !== node && parent.propertyName !== node;
}

function declaredIn(source: Source): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (name: ts.Node | undefined): void => {
    if (name !== undefined && ts.isIdentifier(name)) names.add(name.text);
  };
  visit(source.tree, (node) => {
    if (
      ts.isVariableDeclaration(node) ||
      ts.isParameterDeclaration(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node)
    ) {
      add(node.name);
    }
  });
  return names;
}
