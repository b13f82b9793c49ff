/** The commands that read a repository of a peer. */

import type { Entry } from "../frame/command.ts";

/** Commands that read, in the order of help. */
export const readEntries: readonly Entry[] = [
  {
    name: "cat",
    words: "MACHINE:REPOSITORY PATH",
    summary: "prints a file of a repository that a machine lets this one read, at a commit",
    load: async () => (await import("./cat.ts")).cat,
  },
  {
    name: "grep",
    words: "MACHINE:REPOSITORY TEXT",
    summary: "searches such a repository for a text, or for a regular expression",
    load: async () => (await import("./grep.ts")).grep,
  },
  {
    name: "ls",
    words: "MACHINE:REPOSITORY [FOLDER]",
    summary: "lists the paths of such a repository, or, for mini:, its repositories",
    load: async () => (await import("./ls.ts")).ls,
  },
];
