/** Every rule that judges one file, and the shape of its proof. */

import * as bans from "./bans.ts";
import { capabilityRule } from "./capabilities.ts";
import * as imports from "./imports.ts";
import * as shape from "./shape.ts";
import type { Rule } from "./source.ts";

/** The rules, by what each is about. */
export const rules = {
  layers: imports.layerRule,
  capabilities: capabilityRule,
  libraries: imports.libraryRule,
  endings: imports.endingRule,
  effects: bans.effectRule,
  exit: bans.exitRule,
  paths: bans.pathRule,
  purity: bans.pureRule,
  databases: bans.databaseRule,
  sizes: shape.sizeRule,
  functions: shape.functionRule,
  casts: shape.castRule,
  files: shape.fileRule,
  unfinished: shape.unfinishedRule,
} as const satisfies Readonly<Record<string, Rule>>;

/** A rule, the planted file, its text, and what the rule says of it; null: it lets it pass. */
export type Plant = readonly [keyof typeof rules, string, string, string | null];
