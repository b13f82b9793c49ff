/** The commands that explain the others, and complete their words. */

import type { Entry } from "../frame/command.ts";

/** These commands, in the order of help. */
export const helpEntries: readonly Entry[] = [
  {
    name: "completions",
    words: "bash|zsh|fish",
    summary: "prints the script by which a shell completes command lines",
    load: async () => (await import("./completions.ts")).completions,
  },
  {
    name: "completions words",
    words: "[WORD…]",
    summary: "prints completions of the last word, for those scripts",
    load: async () => (await import("./completions.ts")).words,
  },
  {
    name: "version",
    words: "",
    summary: "prints the version",
    load: async () => (await import("./version.ts")).version,
  },
  {
    name: "help",
    words: "[COMMAND…]",
    summary: "explains a command, or lists them",
    load: async () => (await import("./help-command.ts")).help,
  },
];
