/** The evidence of what is told about tasks, and texts about tasks of this machine. */

const under = (schema: string, names: string): readonly string[] =>
  names.split(" ").map((name) => `${schema}.${name}`);

/** Rows of facts about tasks that another machine runs, or asked for. */
export const taskFacts = {
  task: {
    fields: [
      ...under("ShownTask", "task_id name direction peer repository profile runner round state"),
      ...under("ShownTask", "reason state_age_ms age_ms asked_by.handle asked_by.person"),
      ...under("TaskOutput", "states[].round states[].state states[].reason states[].age_ms"),
      ...under("TaskOutput", "document document_sha256 decision_sha256 ref root"),
      ...under("HomeFault", "due says fix"),
    ],
    from: "src/daemon/tasks/shown.ts#shownTask",
    age: "ShownTask.state_age_ms",
  },
  "task of a session": {
    fields: ["delegate_task", "get_task"].flatMap((tool) => [
      ...under(tool, "message task_id name machine repository round state reason state_age_ms"),
      ...under(tool, "untrusted[] notice"),
      ...under(tool, tool === "delegate_task" ? "base" : "measured[] claims[] ref"),
    ]),
    from: "src/daemon/delegating.ts#delegatingOf",
    age: "ShownTask.state_age_ms",
  },
  "end of a task": {
    fields: [
      ...under("TaskResult", "version task_id round state reason document_sha256 decision_sha256"),
      ...under("Measured", "exit signal duration_ms first_output_ms output_bytes output_capped"),
      ...under("Measured", "peak_memory_bytes runner.name runner.version runner.sha256 profile"),
      ...under("Measured", "sandbox.wall sandbox.canaries processes base commit files_count"),
      ...under("Measured", "added deleted nested_repositories[] usd requests"),
      ...under("Measured", "network.reached[] network.refused[]"),
      ...under("ChangedFile", "path added deleted mode"),
      ...under("Blob", "bytes sha256"),
      ...under("Claims", "text session cost_usd is_error denials[]"),
    ],
    from: "src/daemon/tasks/shown.ts#resultOf",
    age: "ShownTask.state_age_ms",
  },
  "output of a task": {
    fields: under("LogOutput", "round text next total ended"),
    from: "src/daemon/tasks/log.ts#logOf",
    age: "of the moment: the other machine said it in this call",
  },
  "gates of a task": {
    fields: under("CheckedGate", "gate passed says fix.on fix.line"),
    from: "src/daemon/tasks/checking.ts#checkTask",
    age: "of the moment: the other machine said it in this call",
  },
} as const;

/** Sentences about a task, by their fact. */
export const taskClaims = {
  task: [
    "a task of … was …: peernet tasks --all",
    "as many tasks as its policy allows in a day were asked there",
    "its commit is here as …",
    "its commit is not here: …",
    "it is no longer kept there",
    "its result came in another form than was told",
    "no task could run there then",
    "no task may run in such a repository there",
    "there is no sandbox for a task there",
    "too many tasks of this machine wait there",
    "… delegated a task for …",
    ...["… waits for nobody here: …", "asked of …", "… has no commit"],
  ],
  "task of a session": [
    "You are told of its end.",
    "You are told of its end; do not poll.",
    "Its commit is here: git diff HEAD...….",
    "Its commit is not here: …. …",
  ],
  "gates of a task": [
    "does not run it",
    "its keeper does not answer",
    "… does not let this machine run … in …",
    "… lets this machine run nothing",
    "… lets this machine run nothing in …",
    "… runs a version that takes no tasks",
    "… takes no task now: its keeper does not answer",
  ],
} as const;

/** Outputs about tasks that concern this machine alone. */
export const taskOutputs: readonly string[] = [
  ...["RunOutput", "TasksOutput", "TaskDecision", "TaskProgram", "FetchOutput", "RunnersEnd"],
  "TaskStanding",
];

/** Texts about tasks that say nothing of another machine. */
export const taskTexts: readonly string[] = [
  "Choose a task, to see what is asked, where it stands and what it made.",
  "No task yet. A task is work that one machine hands to a coding agent of another, in a copy " +
    "of a repository. One begins with:",
  "it did not come yet",
  "this folder is in no clone, and … on … is a repository",
  "its result is not one",
  "its result is too large",
  "git could not take it",
  "too many of its tasks wait here",
  "there is no sandbox for it here",
  "it could not be done here then",
  "the policy here does not allow it",
  "the policy here names no such repository",
  ...["compare changed files", "leave messages", "run tasks"],
  "A task for … was approved here",
  "A task for … was decided about here",
  "a model here may not delegate this to …",
  "a model here may not send commits to …",
  "it cannot run now",
  "over its budget",
  "… has no key here",
  "the key of … is removed; its maker still takes it until you end it",
  "no runner is called so; there are …",
  "go on with each state until it has ended",
  "it still waits; peernet task refuse ends it",
  "a task needs MACHINE:REPOSITORY, and this is none: …",
  "… is a command there, and takes no prompt",
  "query reads, edit changes files, build also runs commands; or a command of its policy",
  "Paste the API key for …, then Enter. It is not shown.",
  "that is not its next round",
  "the keeper here did not do it",
  "this clone lacks objects of that commit: it is shallow or partial",
  "wait for its end, or peernet task stop …",
  "what would run has changed since it was shown",
];
