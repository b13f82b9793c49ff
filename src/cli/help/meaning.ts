/** Finds the meaning of a word that is no command: a word of another tool, or a slip. */

import { PeernetError } from "../../contract/errors.ts";
import type { Entry } from "../frame/command.ts";
import { isHandle } from "../frame/grammar.ts";
import { nearest } from "../frame/suggest.ts";
import { typed } from "../terminal/text.ts";
import { type OtherWord, otherWords } from "./other-words.ts";

/** The intended command line of ours, or the refusal with the meaning. */
export type Meaning = { readonly runs: readonly string[] } | { readonly error: PeernetError };

/** Dependencies of finding a meaning. */
export interface MeaningParts {
  readonly commands: readonly Entry[];
  /** The state folder. */
  readonly home: () => string;
}

/** The meaning of a command line whose first word is no command. */
export function meaning(argv: readonly string[], parts: MeaningParts): Meaning {
  const [first = "", second = ""] = argv;
  const pair = otherWords.find(({ words }) => words === `${first} ${second}`);
  const known = pair ?? otherWords.find(({ words }) => words === first);
  if (known === undefined) return { error: unknown(first, parts) };
  const after = argv.slice(known.words.split(" ").length);
  if (known.runs !== undefined) return { runs: [...known.runs.split(" "), ...after] };
  return { error: hinted(known, after, parts) };
}

function hinted(known: OtherWord, after: readonly string[], parts: MeaningParts): PeernetError {
  const { words, hint = "peernet help", unbuilt } = known;
  const [next = ""] = after;
  const noun = isHandle(next) ? next : "NAME";
  const line = hint.replace("{1}", noun);
  return new PeernetError("bad_request", {
    message:
      unbuilt === undefined
        ? `there is no command ${words}`
        : `there is no command ${words}: ${unbuilt} is designed, and not built`,
    hint: line.includes("{home}") ? line.replace("{home}", parts.home()) : line,
  });
}

function unknown(word: string, { commands }: MeaningParts): PeernetError {
  const kind = word.startsWith("-") ? "flag" : "command";
  const names = commands.map((entry) => entry.name);
  const meant = nearest(word, names);
  const entry = commands.find(({ name }) => name === meant);
  return new PeernetError("bad_request", {
    message: `there is no ${kind} ${typed(word)}`,
    hint: entry === undefined ? "peernet help" : suggestion(entry),
  });
}

/** The intended command; for one that acts at once, its help. */
export const suggestion = ({ name, acts }: Entry): string =>
  acts === true ? `did you mean ${name}: peernet help ${name}` : `did you mean peernet ${name}`;
