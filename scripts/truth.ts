/** The table of claims: each statement about another machine, with its evidence. */

import { claims } from "../src/contract/truth/claims.ts";
import { type Fact, facts } from "../src/contract/truth/facts.ts";

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

function row(name: Fact): string {
  const { fields, from, age } = facts[name];
  const [path = "", symbol = ""] = from.split("#");
  const stated = [
    ...fields.map((field) => code(field)),
    ...(claims[name] ?? []).map((text) => `“${text.replaceAll("|", "\\|")}”`),
  ];
  const aged = /^[A-Za-z/]+\.[\w.]+$/.test(age) ? code(age) : age;
  const place = `${code(symbol)} in ${code(path)}`;
  return `| ${name} | ${stated.join("<br>")} | ${place} | ${aged} |`;
}

/** The text of the table; `made` says where it comes from. */
export function truth(made: string): string {
  // The table's keys are the facts.
  const names = Object.keys(facts) as Fact[];
  const fields = names.reduce((sum, name) => sum + facts[name].fields.length, 0);
  const sentences = names.reduce((sum, name) => sum + (claims[name]?.length ?? 0), 0);
  return [
    "# What peernet claims about another machine",
    made,
    `The command line, the tools of a model and the page state ${fields} facts about another ` +
      `machine, and ${sentences} sentences. Each rests on code that derives it, and has an age. ` +
      "`test/truth/` walks the outputs of all operations and parses all source: it fails for a " +
      "field or a sentence without a row here. Claims without evidence: 0.",
    "`…` stands for a value. A sentence that states nothing about another machine is listed in " +
      "`src/contract/truth/apart.ts`.",
    [
      "| fact | fields and sentences | derived by | age |",
      "| --- | --- | --- | --- |",
      ...names.map(row),
    ].join("\n"),
  ].join("\n\n");
}
