/** The registry's entries about fingerprints and counts; each command loads when it runs. */

import type { Entry } from "../frame/command.ts";

/** The commands of a fleet. */
export const fleetEntries: readonly Entry[] = [
  {
    name: "metrics",
    words: "",
    summary: "prints counts of this machine as OpenMetrics, for a fleet's tool",
    load: async () => (await import("./metrics.ts")).metrics,
  },
  {
    name: "id",
    words: "",
    summary: "prints this machine's fingerprint, by which other machines trust it",
    load: async () => (await import("./id.ts")).id,
  },
  {
    name: "trust",
    words: "FINGERPRINT|-",
    summary: "pairs with a machine by its fingerprint, once it trusts this one by its own",
    person: true,
    acts: true,
    load: async () => (await import("./trust.ts")).trust,
  },
  {
    name: "untrust",
    words: "FINGERPRINT",
    summary: "no longer expects a machine that was trusted",
    person: true,
    acts: true,
    load: async () => (await import("./untrust.ts")).untrust,
  },
];
