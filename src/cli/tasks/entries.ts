/** The commands about delegated tasks. */

import type { Entry } from "../frame/command.ts";

/** Commands about tasks, in the order of help. */
export const taskEntries: readonly Entry[] = [
  {
    name: "run",
    words: "MACHINE:REPOSITORY [PROMPT…]",
    summary: "has a task run on another machine, in a sandbox, under the policy of both",
    load: async () => (await import("./run.ts")).run,
  },
  {
    name: "tasks",
    words: "",
    summary: "lists tasks that this machine asked for, and those that others ask of it",
    load: async () => (await import("./tasks.ts")).tasks,
  },
  {
    name: "task show",
    words: "TASK",
    summary: "shows a task: its states, its result as measured, and as its runner claims",
    load: async () => (await import("./task.ts")).show,
  },
  {
    name: "task log",
    words: "TASK",
    summary: "prints the output of a task's runner",
    load: async () => (await import("./log.ts")).log,
  },
  {
    name: "task say",
    words: "TASK [PROMPT…]",
    summary: "starts another round of a task that has ended",
    load: async () => (await import("./run.ts")).say,
  },
  {
    name: "task stop",
    words: "TASK",
    summary: "stops a task, also one that another machine asked for",
    acts: true,
    load: async () => (await import("./task.ts")).stop,
  },
  {
    name: "task fetch",
    words: "TASK",
    summary: "brings a task's commit into its clone, under refs/peernet/",
    load: async () => (await import("./task.ts")).fetch,
  },
  {
    name: "task discard",
    words: "TASK",
    summary: "removes an ended task with its tree and output, on both machines",
    acts: true,
    load: async () => (await import("./task.ts")).discard,
  },
  {
    name: "task approve",
    words: "TASK",
    summary: "shows a held task whole, and lets it run as shown",
    person: true,
    load: async () => (await import("./deciding.ts")).approve,
  },
  {
    name: "task refuse",
    words: "TASK [REASON…]",
    summary: "refuses a task that has not started",
    person: true,
    acts: true,
    load: async () => (await import("./deciding.ts")).refuse,
  },
];
