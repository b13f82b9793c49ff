/** What a person looks at: the tab, and the part of the map that is hovered or chosen. */

import { computed, signal } from "@preact/signals";

/** The tabs. */
export const tabs = ["map", "activity", "builder"] as const;
export type Tab = (typeof tabs)[number];

/** A part of the map. */
export type Part =
  | { readonly kind: "machine" }
  | { readonly kind: "own"; readonly handle: string }
  | { readonly kind: "peer"; readonly fingerprint: string }
  | { readonly kind: "handle"; readonly fingerprint: string; readonly handle: string };

/** The tab that is open. */
export const tab = signal<Tab>("map");
/** Whether the map is shown as a table. */
export const asTable = signal(false);
/** What the pointer or the focus is on. */
export const hovered = signal<Part | null>(null);
/** What was opened, and stays so. */
export const opened = signal<Part | null>(null);
/** What the panel shows. */
export const looked = computed(() => hovered.value ?? opened.value);
/** What the Builder starts with: `mini/hydrate`; null for nothing in particular. */
export const building = signal<string | null>(null);
/** The dialog that is open. */
export const dialog = signal<"pair" | null>(null);

/** Whether two parts are the same. */
export const isSame = (one: Part | null, other: Part | null): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** Opens the Builder filled for a handle. */
export function build(handle: string): void {
  building.value = handle;
  tab.value = "builder";
}
