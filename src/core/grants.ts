/**
 * Decides the rights of a peer here. A grant consists of entries, each a scope with its limits.
 * Every decision about a peer reads them through `permits`, inside the transaction that decides.
 */

import type { GrantInput, ShownEntry, ToldEntry } from "../contract/grants.ts";
import { Scope } from "../contract/terms.ts";
import { type FactGroup, factGroups } from "../contract/text/fact-groups.ts";

/** One scope with its limits. */
export interface Entry {
  readonly scope: Scope;
  /** The handles that it is limited to; null means every handle. */
  readonly names: readonly string[] | null;
  /** Groups of facts that it reveals. */
  readonly show: readonly FactGroup[];
  readonly granted_at_ms: number;
  readonly granted_boot_ms: number;
  /** Its duration in ms; null means without an end. */
  readonly for_ms: number | null;
}

/** The entries of one peer, and their common settings. */
export interface Grants {
  readonly entries: readonly Entry[];
  /** True for the person's own machine: it also receives facts that a later version adds. */
  readonly mine: boolean;
  /** True when its messages wait for a person. */
  readonly hold: boolean;
  /** While true no entry holds; the entries stay. */
  readonly paused: boolean;
}

/** An instant by both clocks: an entry ends by the clock that reaches its end first. */
export interface At {
  readonly wallMs: number;
  readonly bootMs: number;
}

/** A grant without an entry. */
export const noGrants: Grants = { entries: [], mine: false, hold: true, paused: false };

/** The facts that an entry reveals; null reveals all, including those of later versions. */
export type Shown = ReadonlySet<FactGroup> | null;

/**
 * The outcome of a check. A peer without an entry of the scope is refused openly. A peer whose
 * entry excludes the handle gets the answer for a missing handle.
 */
export type Verdict =
  | { readonly permitted: true; readonly shown: Shown }
  | { readonly permitted: false; readonly why: "scope" | "name" };

/** Judges one use of a scope on one handle; null checks the scope alone. */
export function permits(
  grants: Grants,
  { scope, name }: { readonly scope: Scope; readonly name: string | null },
  at: At,
): Verdict {
  const entry = liveEntries(grants, at).find((candidate) => candidate.scope === scope);
  if (entry === undefined) return { permitted: false, why: "scope" };
  const isNamed = name === null || entry.names === null || entry.names.includes(name);
  if (!isNamed) return { permitted: false, why: "name" };
  return { permitted: true, shown: grants.mine ? null : new Set(entry.show) };
}

/** True when a group of facts is revealed. */
export const lets = (shown: Shown, group: FactGroup): boolean => shown === null || shown.has(group);

/** The groups of facts that are not revealed. */
export const hiddenOf = (shown: Shown): FactGroup[] =>
  factGroups.filter((group) => !lets(shown, group));

/** The groups of facts that a peer's asks do not reveal; all of them without the right to ask. */
export function hiddenFrom(grants: Grants, at: At): FactGroup[] {
  const asks = permits(grants, { scope: "ask", name: null }, at);
  return asks.permitted ? hiddenOf(asks.shown) : [...factGroups];
}

/** Milliseconds left of an entry, never below zero; null means without an end. */
export function leftMs(entry: Entry, at: At): number | null {
  if (entry.for_ms === null) return null;
  // The boot clock restarts at each boot: at least the time since then has passed.
  const ran = at.bootMs >= entry.granted_boot_ms ? at.bootMs - entry.granted_boot_ms : at.bootMs;
  const passed = Math.max(ran, at.wallMs - entry.granted_at_ms);
  return Math.max(0, Math.floor(entry.for_ms - passed));
}

/** The entries that hold at an instant, in the order of scopes. */
export function liveEntries({ entries, paused }: Grants, at: At): readonly Entry[] {
  if (paused) return [];
  return entries.filter((entry) => leftMs(entry, at) !== 0);
}

/**
 * The grants without the entries that have ended, for good: a clock that is set back brings none
 * back. The same object when none has ended.
 */
export function withoutEnded(grants: Grants, at: At): Grants {
  const entries = grants.entries.filter((entry) => leftMs(entry, at) !== 0);
  return entries.length === grants.entries.length ? grants : { ...grants, entries };
}

/** The scopes that hold at an instant. */
export const scopesAt = (grants: Grants, at: At): Scope[] =>
  liveEntries(grants, at).map(({ scope }) => scope);

/** The rights of a peer at an instant, as a text that changes whenever a decision could. */
export const rightsAt = (grants: Grants, at: At): string =>
  JSON.stringify({ ...grants, entries: liveEntries(grants, at) });

/** Milliseconds until the first entry ends; Infinity when none will. */
export const endsInMs = (grants: Grants, at: At): number =>
  Math.min(
    ...liveEntries(grants, at).map((entry) => leftMs(entry, at) ?? Number.POSITIVE_INFINITY),
  );

/** The grants with new entries; each replaces an entry of the same scope. */
export function withEntries(grants: Grants, input: Omit<GrantInput, "name">, at: At): Grants {
  const given = input.mine ? Scope.options.map((scope) => ({ scope, names: null })) : input.entries;
  const show = factGroups.filter((group) => !input.hide.includes(group));
  const added = given.map(
    ({ scope, names }): Entry => ({
      scope,
      names,
      show,
      granted_at_ms: Math.floor(at.wallMs),
      granted_boot_ms: Math.floor(at.bootMs),
      for_ms: input.for_ms,
    }),
  );
  const scopes = new Set(added.map(({ scope }) => scope));
  const kept = liveEntries({ ...grants, paused: false }, at).filter(
    ({ scope }) => !scopes.has(scope),
  );
  const isLimited =
    input.hide.length > 0 || input.for_ms !== null || added.some(({ names }) => names !== null);
  const mine = (grants.mine || input.mine) && !isLimited;
  return {
    ...grants,
    entries: inOrder(owned([...kept, ...added], mine)),
    mine,
    hold: input.hold ?? grants.hold,
  };
}

/** Only a machine of one's own compares files of every repository: that entry ends with it. */
const owned = (entries: readonly Entry[], mine: boolean): readonly Entry[] =>
  entries.filter(({ scope, names }) => mine || scope !== "overlap" || names !== null);

/**
 * The grants without some scopes; null removes all. The peer no longer counts as the person's own.
 */
export const withoutScopes = (grants: Grants, scopes: readonly Scope[] | null): Grants => ({
  ...grants,
  entries: owned(
    grants.entries.filter(({ scope }) => scopes !== null && !scopes.includes(scope)),
    false,
  ),
  mine: false,
});

/** The entries in the form for people here. */
export const shownEntries = (grants: Grants, at: At): ShownEntry[] =>
  liveEntries({ ...grants, paused: false }, at).map((entry) => ({
    scope: entry.scope,
    names: entry.names === null ? null : [...entry.names],
    show: grants.mine ? [...factGroups] : [...entry.show],
    expires_at_ms: entry.for_ms === null ? null : entry.granted_at_ms + entry.for_ms,
    expires_in_ms: leftMs(entry, at),
  }));

/** The entries in the form for the peer. */
export const toldEntries = (grants: Grants, at: At): ToldEntry[] =>
  liveEntries(grants, at).map((entry) => ({
    scope: entry.scope,
    names: entry.names === null ? null : [...entry.names],
    expires_in_ms: leftMs(entry, at),
  }));

const inOrder = (entries: readonly Entry[]): readonly Entry[] =>
  Scope.options.flatMap((scope) => entries.filter((entry) => entry.scope === scope));

/** Grants of scopes without limits, as a pairing gives them. */
export const grantsOf = (scopes: readonly Scope[], at: At): Grants =>
  withEntries(
    noGrants,
    {
      entries: scopes.map((scope) => ({ scope, names: null })),
      hide: [],
      for_ms: null,
      mine: false,
    },
    at,
  );

/**
 * The scopes to send to a machine with these features. A build without the feature `grants` refuses
 * a message with an unknown scope: it receives `ask` alone.
 */
export const scopesToTell = (grants: Grants, features: readonly string[], at: At): Scope[] => {
  const scopes = scopesAt(grants, at);
  return features.includes("grants") ? scopes : scopes.filter((scope) => scope === "ask");
};
