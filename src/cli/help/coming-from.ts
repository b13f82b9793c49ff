/** Writes, as Markdown, the meaning of each other tool's words and behaviours here. */

import { comingRows } from "./coming-rows.ts";
import { otherWords } from "./other-words.ts";

/** The document for people who come from another tool. */
export function comingFrom(made: string): string {
  const rows = otherWords.map(({ words, of, runs, hint, unbuilt }) => {
    const line = runs === undefined ? shown(hint ?? "") : `\`peernet ${runs}\``;
    const missing = unbuilt === undefined ? "" : "not built";
    return `| \`${words}\` | ${of} | ${line} | ${missing} |`;
  });
  return [
    "# Coming from another tool",
    made,
    "Each command, tool and documented behaviour of five other tools, and what it is here. " +
      "The other tool's words do it after `peernet`, too, or get the line beside them as a hint: " +
      "a test types each. What is not here is marked.",
    ...Object.entries(comingRows).flatMap(([tool, all]) => [`## ${tool}`, tableOf(all)]),
    "## Words",
    "Some of these words run the command of ours beside them. For the others peernet prints its " +
      "line as a hint, and does nothing.",
    ["| word | of | here | |", "|---|---|---|---|", ...rows].join("\n"),
  ].join("\n\n");
}

const tableOf = (rows: (typeof comingRows)[string]): string => {
  const lines = rows.map(
    ({ there, here, isMissing }) => `| ${there} | ${here} | ${isMissing ? "not here" : ""} |`,
  );
  return ["| there | here | |", "|---|---|---|", ...lines].join("\n");
};

const shown = (hint: string): string => {
  const line = hint.replace("{home}", "~/.peernet").replace("{1}", "NAME");
  return line.startsWith("peernet ") && !line.includes(",") ? `\`${line}\`` : line;
};
