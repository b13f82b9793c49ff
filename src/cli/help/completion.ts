/**
 * The next words of an unfinished command line: from the registry, each command's flags, and a
 * daemon that answers at once. Starts nothing, and reports no failure.
 */

import { stages } from "../../contract/messages/stages.ts";
import type { Status } from "../../contract/peer.ts";
import { factGroups } from "../../contract/text/fact-groups.ts";
import { nameHalf } from "../../contract/text/handle.ts";
import { type Command, commonFlags, type Entry, subcommandsOf } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";

/** One possible next word, and its description. */
export interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

/** The completion: words, or the name of a folder or a file, which the shell knows better. */
export type Completion =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "folders" | "files" };

/** The source of the words for a place in a usage line. */
type Source =
  | "handles"
  | "own"
  | "peers"
  | "scope"
  | "scopes"
  | "entries"
  | "facts"
  | "changes"
  | "stages"
  | "commands"
  | "folders"
  | "files"
  | "nothing";

/** Places whose words only the user knows. */
const free = [
  ..."HOST[:PORT] NEW QUESTION TEXT WORD DATE TOOLS DURATION ID PID VERB N ADDRESS WHERE".split(
    " ",
  ),
  ..."WHICH NAMES FINGERPRINT FINGERPRINT|- HARNESS MACHINE:REPOSITORY REPOSITORY PATH".split(" "),
  ..."PATTERN REF BRANCH LINES FROM:TO ACT KEY=VALUE TOPIC PROMPT DOLLARS TASK NUMBER".split(" "),
  ..."REASON FORMAT PROFILES RUNNERS".split(" "),
];

/**
 * By the place's name in a usage line, after a command's name when the place has another meaning
 * there. A test checks that every place is listed.
 */
export const sources: Readonly<Record<string, Source>> = {
  ...Object.fromEntries(free.map((place) => [place, "nothing"] as const)),
  HANDLE: "handles",
  PEER: "peers",
  MACHINE: "peers",
  NAME: "peers",
  "activate NAME": "nothing",
  "deactivate NAME": "own",
  "preview NAME": "own",
  "summary NAME": "own",
  "NAME|HOST[:PORT]": "peers",
  SCOPES: "scopes",
  SCOPE: "scope",
  ENTRY: "entries",
  FACTS: "facts",
  CHANGE: "changes",
  COMMAND: "commands",
  DIR: "folders",
  FOLDER: "folders",
  FILE: "files",
  STAGE: "stages",
  "run NAME": "nothing",
};

/**
 * The completions of the last word, which is as typed so far, perhaps empty. The words do not
 * include the program's own name.
 */
export async function complete(
  typed: readonly string[],
  commands: readonly Entry[],
  status: () => Promise<Status | null>,
): Promise<Completion> {
  // Some shells split a flag and its value at the sign between them.
  const words = typed.filter((word, at) => word !== "=" || at === typed.length - 1);
  const last = words.at(-1) ?? "";
  const partial = last === "=" ? "" : last;
  const before = words.slice(0, -1);
  const entry = entryOf(before, commands);
  if (entry === null) {
    if (before.length > 0) return matching([], partial);
    return matching(
      [...firstWords(commands), ...(partial.startsWith("-") ? topFlags : [])],
      partial,
    );
  }
  const after = before.slice(entry.name.split(" ").length);
  if (after.includes("--")) return matching([], partial);
  const command = entry.load === null ? null : await entry.load();
  return completeFor({ entry, command, after, partial, status, commands });
}

interface Asked {
  readonly commands: readonly Entry[];
  readonly entry: Entry;
  readonly command: Command | null;
  /** The words between the command's name and the last word. */
  readonly after: readonly string[];
  readonly partial: string;
  readonly status: () => Promise<Status | null>;
}

async function completeFor(asked: Asked): Promise<Completion> {
  const { commands, entry, command, after, partial, status } = asked;
  const known: Flags = command === null ? {} : { ...command.flags, ...commonFlags };
  const waiting = placeAfter(known, after.at(-1) ?? "");
  if (waiting !== null)
    return ofPlace({ place: waiting, entry, prefix: partial, status, commands });
  const equals = partial.indexOf("=");
  if (partial.startsWith("--") && equals > 0) {
    const flag = partial.slice(0, equals);
    const place = placeAfter(known, flag) ?? "";
    const found = await ofPlace({
      ...{ place, entry, status, commands },
      prefix: partial.slice(equals + 1),
    });
    if (found.kind !== "words") return found;
    const candidates = found.candidates.map(({ word, meaning }) => ({
      word: `${flag}=${word}`,
      meaning,
    }));
    return { kind: "words", candidates };
  }
  if (partial.startsWith("-") && partial !== "-") {
    return matching(flagsLeft(known, after), partial);
  }
  const place = placeOf(entry, wordsIn(after, known));
  const found = await ofPlace({ place, entry, prefix: partial, status, commands });
  if (after.length > 0 || found.kind !== "words") return found;
  return matching([...subcommands(entry, commands), ...found.candidates], partial);
}

const topFlags: readonly Candidate[] = [
  { word: "--help", meaning: "explains a command, or lists them" },
  { word: "--version", meaning: "prints the version" },
];

const firstWords = (commands: readonly Entry[]): Candidate[] =>
  [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))].map((word) => ({
    word,
    // Some are only the first word of others.
    meaning: commands.find(({ name }) => name === word)?.summary ?? "",
  }));

const subcommands = (parent: Entry, commands: readonly Entry[]): Candidate[] =>
  subcommandsOf(parent, commands).map(({ name, summary }) => ({ word: name, meaning: summary }));

/** The typed command, of two words if there is one. */
function entryOf(before: readonly string[], commands: readonly Entry[]): Entry | null {
  const [first = "", second = ""] = before;
  return (
    commands.find(({ name }) => name === `${first} ${second}`) ??
    commands.find(({ name }) => name === first) ??
    null
  );
}

/** The placeholder of the value that a flag needs; null when the word is no such flag. */
function placeAfter(known: Flags, word: string): string | null {
  const name = word.slice(2);
  const flag = word.startsWith("--") && Object.hasOwn(known, name) ? known[name] : undefined;
  if (flag === undefined || flag.kind === "switch" || flag.alone !== undefined) return null;
  return flag.value;
}

function flagsLeft(known: Flags, after: readonly string[]): Candidate[] {
  const given = new Set(after.map((word) => word.split("=")[0]));
  return Object.entries(known)
    .map(([name, { summary }]) => ({ word: `--${name}`, meaning: summary }))
    .filter(({ word }) => !given.has(word));
}

/** The number of words that are neither flags nor their values. */
function wordsIn(after: readonly string[], known: Flags): number {
  return after.filter((word, at) => {
    const isValue = at > 0 && placeAfter(known, after[at - 1] ?? "") !== null;
    return !isValue && (word === "-" || !word.startsWith("-"));
  }).length;
}

/** The place of the next word in the usage line. */
function placeOf({ words }: Entry, taken: number): string {
  const places = words === "" ? [] : words.split(" ");
  const last = places.at(-1) ?? "";
  const place = places[taken] ?? (last.includes("…") ? last : "");
  return place.replace(/^\[(.*)\]$/, "$1").replace("…", "");
}

interface Place {
  readonly commands: readonly Entry[];
  readonly place: string;
  readonly entry: Entry | null;
  /** The part of the word typed so far. */
  readonly prefix: string;
  readonly status: () => Promise<Status | null>;
}

async function ofPlace({ commands, place, entry, prefix, status }: Place): Promise<Completion> {
  const source = sources[`${entry?.name ?? ""} ${place}`] ?? sources[place];
  if (source === undefined) return matching(literals(place), prefix);
  if (source === "folders" || source === "files") return { kind: source };
  if (source === "nothing") return matching([], prefix);
  if (source === "scopes") return matching(scopes, prefix);
  if (source === "scope") return matching(entries.slice(0, 1), prefix);
  if (source === "entries") return matching(entries, prefix);
  if (source === "facts") return matching(facts, prefix);
  if (source === "changes") return matching(changes, prefix);
  if (source === "stages") return matching(stageWords, prefix);
  if (source === "commands") return matching(firstWords(commands), prefix);
  const seen = await status();
  return matching(seen === null ? [] : live[source](seen), prefix);
}

const scopes: readonly Candidate[] = [
  { word: "ask", meaning: "may ask for the facts of live handles" },
  { word: "message", meaning: "may leave messages" },
  { word: "wake", meaning: "may start turns with messages" },
  { word: "none", meaning: "may do nothing" },
];

const stageWords: readonly Candidate[] = stages.map((word) => ({ word, meaning: "" }));

const changes: readonly Candidate[] = [
  { word: "idle", meaning: "the session is done" },
  { word: "waiting", meaning: "the session waits for its user" },
  { word: "changed", meaning: "its state or its commit is another" },
  { word: "commit", meaning: "its commit is another" },
  { word: "gone", meaning: "its handle ends" },
];

const entries: readonly Candidate[] = [
  { word: "ask", meaning: "may ask for the facts of live handles" },
  { word: "message", meaning: "may leave messages" },
  { word: "wake", meaning: "may start turns with messages" },
  { word: "mine", meaning: "is a machine of your own" },
];

const facts: readonly Candidate[] = factGroups.map((word) => ({ word, meaning: "" }));

/** Words that a usage line lists literally: `bash|zsh|fish`. */
const literals = (place: string): Candidate[] =>
  /^[a-z|-]+$/.test(place) ? place.split("|").map((word) => ({ word, meaning: "" })) : [];

/** Names and handles only, whose grammar is checked: no text of another machine. */
const live: Readonly<
  Record<"handles" | "own" | "peers", (status: Status) => readonly Candidate[]>
> = {
  handles: (status) => [
    ...status.peers.flatMap(({ name, handles }) => [
      ...(handles.length === 0 ? [] : [{ word: `${name}/`, meaning: `every handle of ${name}` }]),
      ...handles.map(({ handle }) => ({ word: handle, meaning: `live on ${name}` })),
    ]),
    ...live.own(status),
  ],
  own: ({ handles }) =>
    handles.map(({ handle }) => ({
      word: nameHalf(handle),
      meaning: "live on this machine",
    })),
  peers: ({ peers }) => peers.map(({ name, link }) => ({ word: name, meaning: `paired, ${link}` })),
};

const matching = (candidates: readonly Candidate[], prefix: string): Words => ({
  kind: "words",
  candidates: candidates.filter(({ word }) => word.startsWith(prefix)),
});

type Words = Extract<Completion, { readonly kind: "words" }>;
