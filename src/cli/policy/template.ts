/** The text that a person edits where there is no policy yet: all of it is a comment. */

const lines = [
  "version = 1",
  "",
  "# [repositories.hydrate]",
  '# path = "~/src/hydrate"',
  "",
  "# [[allow.read]]",
  '# name = "laptop-reads"',
  '# peer = ["laptop"]',
  '# repository = ["hydrate"]',
  '# ref = ["main"]',
  '# deny_path = ["ops/**"]',
];

/** A policy that allows nothing. */
export const template: string = `${lines.join("\n")}\n`;
