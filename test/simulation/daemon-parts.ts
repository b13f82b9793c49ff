/** The settings and files of a run's daemon. */

import type { Config } from "../../src/platform/config.ts";
import type { StateFiles } from "../../src/platform/effects.ts";
import type { Owner } from "./schedule.ts";
import { nameOf, port } from "./who.ts";

/** The settings of a machine. */
export const configOf = (index: number): Config => ({
  machine: { name: nameOf(index) },
  listen: { addresses: [], port },
  discovery: { tailnet: false, addresses: [] },
  tailnet: { sameUserOnly: true },
  sessions: { activate: "none" as const, folders: [], exclude: [], headless: false },
  messages: { to: [nameOf(1 - index)], wake: "always", wakeUnattended: [] },
  notify: { desktop: false, bell: false },
});

/** The files as a process has them: one that is over writes no more. */
export const filesOf = (files: StateFiles, process: Owner): StateFiles => ({
  ...files,
  append: (name, text) => {
    if (!process.isOver) files.append(name, text);
  },
  write: (name, text) => {
    if (!process.isOver) files.write(name, text);
  },
});
