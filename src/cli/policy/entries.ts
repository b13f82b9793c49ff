/** The commands about this machine's policy. */

import type { Entry } from "../frame/command.ts";

/** Commands about the policy, in the order of help. */
export const policyEntries: readonly Entry[] = [
  {
    name: "policy show",
    words: "",
    summary: "shows the policy, and what it lets each machine read here",
    load: async () => (await import("./policy.ts")).show,
  },
  {
    name: "policy allow",
    words: "PEER read|run FOLDER…",
    summary: "lets a machine read repositories here, or run tasks in them; tries the sandbox",
    person: true,
    load: async () => (await import("./allow.ts")).allow,
  },
  {
    name: "policy deny",
    words: "PEER read|run [REPOSITORY…]",
    summary: "lets a machine read repositories here, or run tasks in them, no longer",
    person: true,
    load: async () => (await import("./allow.ts")).deny,
  },
  {
    name: "policy check",
    words: "",
    summary: "checks the policy, and lets its names count for the machines that bear them now",
    person: true,
    load: async () => (await import("./policy.ts")).check,
  },
  {
    name: "policy test",
    words: "ACT KEY=VALUE…",
    summary: "explains the policy's decision about one act",
    load: async () => (await import("./policy.ts")).test,
  },
  {
    name: "policy edit",
    words: "",
    summary: "opens the policy in an editor, and checks it before it replaces the old one",
    person: true,
    load: async () => (await import("./policy.ts")).edit,
  },
];
