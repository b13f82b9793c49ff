/** Writes, as Markdown, the meaning of each other tool's word here. */

import { otherWords } from "./other-words.ts";

/** The document for people who come from another tool. */
export function comingFrom(made: string): string {
  const rows = otherWords.map(({ words, of, runs, hint, unbuilt }) => {
    const line = runs === undefined ? shown(hint ?? "") : `\`peernet ${runs}\``;
    return `| \`${words}\` | ${of} | ${line} | ${unbuilt === undefined ? "" : "not built"} |`;
  });
  return [
    "# Coming from another tool",
    made,
    "Some of these words run the command of ours beside them. For the others peernet prints its " +
      "line as a hint, and does nothing.",
    ["| word | of | here | |", "|---|---|---|---|", ...rows].join("\n"),
    ...notes,
  ].join("\n\n");
}

const shown = (hint: string): string => {
  const line = hint.replace("{home}", "~/.peernet").replace("{1}", "NAME");
  return line.startsWith("peernet ") && !line.includes(",") ? `\`${line}\`` : line;
};

const notes = [
  "Other differences that people meet:",
  [
    "- A name has only a-z, 0-9 and -: `coordinator_main` of thrum is `coordinator-main` here.",
    "- There is no auth key, no peer code with an address in it, and no list of peers to edit. " +
      "One machine shows six digits, the other takes them.",
    "- `list_peers`, `check_messages` and `send_message {to_id, message}` of claude-peers are " +
      "`list_peers` with `within`, `read_messages` and `message_peer {to, text}`. An agent needs " +
      "no flag, and nothing polls.",
    "- `@everyone` of thrum is `peernet send --all`. A message waits for an agent that is away.",
    "- No history is replicated between machines. Each has the record of what concerned it.",
    "- No model writes a summary. A session says in a sentence what it does, or nothing.",
    "- Linux and macOS; on Windows, WSL.",
  ].join("\n"),
];
