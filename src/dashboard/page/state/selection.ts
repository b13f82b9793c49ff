/** A person's selection: the tab, and the part of the map that is hovered or chosen. */

import { computed, signal } from "@preact/signals";

/** The tabs in their order, by their visible names. */
export const tabs = {
  sessions: "Sessions",
  map: "Map",
  messages: "Messages",
  tasks: "Tasks",
  activity: "Activity",
  builder: "Builder",
} as const;
/** An open view: a tab, or the files of a peer, to which its panel leads. */
export type Tab = keyof typeof tabs | "files";

/** A part of the map. */
export type Part =
  | { readonly kind: "machine" }
  | { readonly kind: "own"; readonly handle: string }
  | { readonly kind: "peer"; readonly fingerprint: string }
  | { readonly kind: "handle"; readonly fingerprint: string; readonly handle: string };

/** The tab that is open. */
export const tab = signal<Tab>("sessions");
/** The part under the pointer or the focus. */
export const hovered = signal<Part | null>(null);
/** The part that was opened, and stays open. */
export const opened = signal<Part | null>(null);
/** The part that the panel shows. */
export const looked = computed(() => hovered.value ?? opened.value);
/** The dialog that is open: to pair a machine, or the code that this page shows. */
export const dialog = signal<"pair" | "code" | null>(null);

/** True when two parts are the same. */
export const isSame = (one: Part | null, other: Part | null): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
