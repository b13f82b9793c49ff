/** The commands about the runners of this machine. */

import type { Entry } from "../frame/command.ts";

/** Commands about runners, in the order of help. */
export const runnerEntries: readonly Entry[] = [
  {
    name: "runner",
    words: "",
    summary: "lists the programs that tasks run here: version, key, and what is missing",
    load: async () => (await import("./runner.ts")).list,
  },
  {
    name: "runner add",
    words: "NAME",
    summary: "keeps a runner's API key, which is read from stdin and never shown",
    person: true,
    load: async () => (await import("./runner.ts")).add,
  },
  {
    name: "runner remove",
    words: "NAME",
    summary: "removes a runner's API key from this machine",
    person: true,
    acts: true,
    load: async () => (await import("./runner.ts")).remove,
  },
];
