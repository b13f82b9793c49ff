/** Mistakes about tasks that a run must find: each decides one thing wrongly. */

import type { Task } from "../../../src/core/tasks/task.ts";
import type { Tables } from "../../../src/store/database.ts";
import { cached } from "../plants.ts";
import type { TaskVariant } from "./variant.ts";

/** A mistake, and what a run says when it has found it. */
export interface TaskPlant {
  readonly name: string;
  readonly found: RegExp;
  /** Made again for each run: some remember. */
  readonly variant: () => TaskVariant;
}

/** The table of tasks with some functions replaced. */
const withTasks =
  (changed: (tasks: Tables["tasks"]) => Partial<Tables["tasks"]>): (() => TaskVariant) =>
  () => ({
    tables: (real) => ({ ...real, tasks: { ...real.tasks, ...changed(real.tasks) } }),
  });

/** Rounds are stored as something else than what was decided. */
const storedAs = (changed: (task: Task) => Task): (() => TaskVariant) =>
  withTasks((real) => ({
    add: (task) => real.add(changed(task)),
    put: (task) => real.put(changed(task)),
  }));

/** Records about the end of an own task are written otherwise, or not at all. */
const recordedAs = (digest: string | null): (() => TaskVariant) => {
  return () => ({
    tables: (real) => ({
      ...real,
      audit: {
        ...real.audit,
        append: (draft) => {
          const isEnd = draft.verb === "task" && draft.outcome === "completed";
          if (!isEnd || draft.direction !== "out") return real.audit.append(draft);
          if (digest === null) return real.audit.at(1) ?? real.audit.append(draft);
          return real.audit.append({ ...draft, content_sha256: digest });
        },
      },
    }),
  });
};

/** The policy is read once in each life of a daemon. */
function rememberedPolicy(): TaskVariant {
  const known = new Map<
    string,
    ReturnType<Parameters<NonNullable<TaskVariant["policy"]>>[0]["of"]>
  >();
  return {
    policy: (policies, run) => ({
      of: (fingerprint) => {
        const key = run + fingerprint;
        if (!known.has(key)) known.set(key, policies.of(fingerprint));
        return known.get(key) ?? null;
      },
    }),
  };
}

/** Every rule is read as one that asks for no approval. */
const unapproved: TaskVariant["policy"] = (policies) => ({
  of: (fingerprint) => {
    const policy = policies.of(fingerprint);
    if (policy === null) return null;
    const { allow } = policy.document;
    const inbound = allow.inbound.map((rule) => ({ ...rule, approval: "none" as const }));
    return { ...policy, document: { ...policy.document, allow: { ...allow, inbound } } };
  },
});

/** Every mistake. */
export const taskPlants: readonly TaskPlant[] = [
  {
    name: "a lost round is taken for one that never began",
    found: /a round began twice/,
    variant: () => ({
      beginsAgain: true,
      seen: (seen) => (seen.seen === "lost" ? { ...seen, seen: "absent" } : seen),
      ...storedAs((task) => (task.state === "lost" ? { ...task, state: "accepted" } : task))(),
    }),
  },
  {
    name: "a supervisor does not look for a stop before it begins",
    found: /began although it was told to stop/,
    variant: () => ({ ignoresStop: true, often: "stop" }),
  },
  {
    name: "the approval of a rule is read as none",
    found: /nobody approved/,
    variant: () => ({ policy: unapproved }),
  },
  {
    name: "any machine counts as the person's own",
    found: /nobody approved/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        peers: {
          ...real.peers,
          get: (fingerprint) => {
            const row = real.peers.get(fingerprint);
            return row === null ? null : { ...row, grants: { ...row.grants, mine: true } };
          },
        },
      }),
    }),
  },
  {
    name: "the policy is read from a cache",
    found: /the policy does not allow/,
    variant: rememberedPolicy,
  },
  {
    name: "whether a machine is a peer is read from a cache",
    found: /a machine that is no peer/,
    variant: () => ({ ...cached(), often: "unpair" }),
  },
  {
    name: "a round that a person refused is accepted",
    found: /began after its end was told/,
    variant: storedAs((task) =>
      task.direction === "in" && task.state === "refused" && task.reason === "person"
        ? { ...task, state: "accepted", reason: null }
        : task,
    ),
  },
  {
    name: "that a session was told is not remembered",
    found: /was told an end twice/,
    variant: withTasks((real) => ({
      get: (key) => {
        const row = real.get(key);
        return row === null ? null : { ...row, told: false };
      },
    })),
  },
  {
    name: "a session counts as told before it is",
    found: /was not told an end/,
    variant: storedAs((task) =>
      task.direction === "out" && task.ended_ms !== null ? { ...task, told: true } : task,
    ),
  },
  {
    name: "an end that comes again is taken again",
    found: /ended twice/,
    variant: withTasks((real) => ({
      get: (key) => {
        const row = real.get(key);
        if (row === null || key.direction === "in" || row.result === null) return row;
        return { ...row, state: "running", result: null };
      },
    })),
  },
  {
    name: "the two machines record another digest of one end",
    found: /the two ends of a round differ/,
    variant: recordedAs("9".repeat(64)),
  },
  {
    name: "an end is recorded on one machine alone",
    found: /on one record alone/,
    variant: recordedAs(null),
  },
  {
    name: "the entry that tells an end is lost with its daemon",
    found: /never learned of an end/,
    variant: () => ({
      tables: (real) => ({
        ...real,
        tasks: { ...real.tasks, due: () => [] },
        outbox: {
          ...real.outbox,
          replace: (entry) => {
            if (entry.kind !== "task_result") real.outbox.replace(entry);
          },
        },
      }),
    }),
  },
  {
    name: "the tasks of a former peer are not looked at",
    found: /a row stays for ever/,
    variant: withTasks((real) => ({
      open: (direction) => (direction === "out" ? [] : real.open(direction)),
    })),
  },
  {
    name: "old rounds are not removed",
    found: /a row stays for ever/,
    variant: withTasks(() => ({ old: () => [] })),
  },
];
