/**
 * The programs that a hostile repository can make git run, each trap with the plain git that falls
 * into it.
 */

import { cpSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Repository } from "../support/repository.ts";

/** A trap in a repository. */
export interface Hostile {
  readonly asks: string;
  /** Sets the trap; `program` is the canary. */
  readonly plant: (repo: Repository, program: string) => void;
  /** The plain git that falls into it; null where only a terminal or a network would do. */
  readonly control: readonly string[] | null;
  /** True when there are facts all the same. */
  readonly facts: boolean;
}

const status = ["status"] as const;

/** Makes git compare a file's content, through its filters, because its time is another one. */
function touch(repo: Repository, name = "a.txt"): void {
  utimesSync(join(repo.tree, name), 1, 1);
}

/** Has every file go through the filter of a name, in the bytes of Latin-1. */
function filtered(repo: Repository, name: string): void {
  const attributes = Buffer.from(`* filter=${name}\n`, "latin1");
  writeFileSync(join(repo.tree, ".gitattributes"), attributes);
  repo.git("add", ".");
  repo.git("commit", "-qm", "Add water");
  touch(repo);
}

/** Takes away the commit of HEAD, so that git would fetch it from the remote. */
function promised(repo: Repository, remote: string): void {
  repo.configure(`[extensions]\n partialClone = evil
[core]\n repositoryFormatVersion = 1
[protocol]\n allow = always
[remote "evil"]\n promisor = true\n ${remote}`);
  const sha = repo.git("rev-parse", "HEAD");
  rmSync(join(repo.tree, ".git/objects", sha.slice(0, 2), sha.slice(2)));
}

/** Commits a repository as a submodule, with a config of its own. */
function embedded(repo: Repository, config: string): void {
  repo.git("init", "-q", "--initial-branch=main", "sub");
  repo.write("hydrate/sub/.gitattributes", "* filter=evil\n");
  repo.write("hydrate/sub/s.txt", "s\n");
  repo.git("-C", "sub", "add", ".");
  repo.git("-C", "sub", "commit", "-qm", "Sub");
  repo.git("-c", "advice.addEmbeddedRepo=false", "add", "sub");
  repo.git("commit", "-qm", "Add sub");
  repo.write("config", config);
  repo.git("-C", "sub", "config", "include.path", join(repo.path, "config"));
  touch(repo, "sub/s.txt");
}

/** Commits with a signature that a program would be asked to verify. */
function signed(repo: Repository): void {
  const commit = repo.git("cat-file", "commit", "HEAD");
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----";
  const raw = `${commit.replace("\n\n", `\n${signature}\n\n`)}\n`;
  repo.git("update-ref", "HEAD", repo.feed(raw, "hash-object", "-t", "commit", "-w", "--stdin"));
}

/** Every trap, and the plain git that falls into it. */
export const hostiles: readonly Hostile[] = [
  {
    asks: "filter.*.clean",
    plant: (repo, program) => {
      repo.configure(`[filter "evil"]\n clean = ${program}`);
      filtered(repo, "evil");
    },
    control: status,
    facts: true,
  },
  {
    asks: "filter.*.process",
    plant: (repo, program) => {
      filtered(repo, "evil");
      repo.configure(`[filter "evil"]\n process = ${program}\n required = true`);
    },
    control: status,
    facts: true,
  },
  {
    asks: "a filter whose name has capitals, spaces, an equals sign and no ASCII",
    plant: (repo, program) => {
      repo.configure(`[FILTER "Ev=\xc3\xa9"]\n CLEAN = ${program}`);
      filtered(repo, "Ev=\xc3\xa9");
    },
    control: status,
    facts: true,
  },
  {
    asks: "a filter without a name",
    plant: (repo, program) => {
      repo.configure(`[filter ""]\n clean = ${program}`);
      filtered(repo, "");
    },
    control: status,
    facts: true,
  },
  {
    asks: "a filter whose name is no UTF-8",
    plant: (repo, program) => {
      repo.configure(`[filter "\xe9"]\n clean = ${program}`);
      filtered(repo, "\xe9");
    },
    control: status,
    facts: true,
  },
  {
    asks: "the last of a thousand filters",
    plant: (repo, program) => {
      const names = Array.from({ length: 1_000 }, (_, at) => `[filter "evil${at}"]`);
      repo.configure(names.map((name) => `${name}\n clean = ${program}`).join("\n"));
      filtered(repo, "evil999");
    },
    control: status,
    facts: true,
  },
  {
    asks: "a filter beside one whose name is longer than an environment holds",
    plant: (repo, program) => {
      repo.configure(
        `[filter "evil"]\n clean = ${program}\n[filter "${"x".repeat(200_000)}"]\n clean = x`,
      );
      filtered(repo, "evil");
    },
    control: status,
    facts: true,
  },
  {
    asks: "a filter in a config that is included on this branch",
    plant: (repo, program) => {
      const config = repo.write("evil", `[filter "evil"]\n clean = ${program}\n`);
      repo.configure(`[includeIf "onbranch:main"]\n path = ${config}`);
      filtered(repo, "evil");
    },
    control: status,
    facts: true,
  },
  {
    asks: "a filter in a work tree's own config",
    plant: (repo, program) => {
      repo.configure("[extensions]\n worktreeConfig = true");
      repo.write("hydrate/.git/config.worktree", `[filter "evil"]\n clean = ${program}\n`);
      filtered(repo, "evil");
    },
    control: status,
    facts: true,
  },
  {
    asks: "core.fsmonitor",
    plant: (repo, program) => repo.configure(`[core]\n fsmonitor = ${program}`),
    control: status,
    facts: true,
  },
  {
    asks: "an embedded repository's core.fsmonitor",
    plant: (repo, program) => embedded(repo, `[core]\n fsmonitor = ${program}\n`),
    control: status,
    facts: true,
  },
  {
    asks: "a submodule's filter, with a summary of submodules",
    plant: (repo, program) => {
      embedded(repo, `[filter "evil"]\n clean = ${program}\n`);
      repo.configure("[status]\n submoduleSummary = true\n[diff]\n ignoreSubmodules = none");
    },
    control: status,
    facts: true,
  },
  {
    asks: "a hook",
    plant: (repo, program) => {
      repo.script("hydrate/.git/hooks/post-index-change", program);
      touch(repo);
    },
    control: status,
    facts: true,
  },
  {
    asks: "core.hooksPath",
    plant: (repo, program) => {
      repo.script("hooks/post-index-change", program);
      repo.configure(`[core]\n hooksPath = ${join(repo.path, "hooks")}`);
      touch(repo);
    },
    control: status,
    facts: true,
  },
  {
    asks: "a bare repository behind a .git that is none",
    plant: (repo, program) => {
      cpSync(join(repo.tree, ".git"), repo.tree, { recursive: true });
      rmSync(join(repo.tree, ".git"), { recursive: true });
      repo.write("hydrate/.git/HEAD", "none");
      const config = `\n[core]\n worktree = ${repo.tree}\n fsmonitor = ${program}\n`;
      writeFileSync(join(repo.tree, "config"), config, { flag: "a" });
    },
    control: status,
    facts: false,
  },
  {
    asks: "an ext:: remote of a partial clone",
    plant: (repo, program) => promised(repo, `url = "ext::${program}"`),
    control: ["log", "-1"],
    facts: false,
  },
  {
    asks: "core.sshCommand in a partial clone",
    plant: (repo, program) => {
      promised(repo, "url = ssh://evil.invalid/x");
      repo.configure(`[core]\n sshCommand = ${program}`);
    },
    control: ["log", "-1"],
    facts: false,
  },
  {
    asks: "a remote's uploadpack in a partial clone",
    plant: (repo, program) => promised(repo, `url = ${repo.tree}\n uploadpack = ${program}`),
    control: ["log", "-1"],
    facts: false,
  },
  {
    asks: "gpg.program, with signatures shown in every log",
    plant: (repo, program) => {
      signed(repo);
      repo.configure(`[log]\n showSignature = true\n[gpg]\n program = ${program}`);
    },
    control: ["log", "-1"],
    facts: true,
  },
  {
    asks: "diff.external",
    plant: (repo, program) => {
      repo.write("hydrate/a.txt", "wine\n");
      repo.configure(`[diff]\n external = ${program}`);
    },
    control: ["diff"],
    facts: true,
  },
  {
    asks: "textconv",
    plant: (repo, program) => {
      repo.write("hydrate/.gitattributes", "* diff=evil\n");
      repo.write("hydrate/a.txt", "wine\n");
      repo.configure(`[diff "evil"]\n textconv = ${program}\n[log]\n diffMerges = on`);
    },
    control: ["diff"],
    facts: true,
  },
  {
    asks: "core.alternateRefsCommand",
    plant: (repo, program) => {
      repo.write("hydrate/.git/objects/info/alternates", `${repo.tree}/.git/objects\n`);
      repo.configure(`[core]\n alternateRefsCommand = ${program}`);
    },
    control: null,
    facts: true,
  },
  {
    asks: "an alias for what is run",
    plant: (repo, program) => {
      const aliases = ["config", "log", "status", "st"].map((name) => ` ${name} = "!${program}"`);
      repo.configure(`[alias]\n${aliases.join("\n")}`);
    },
    control: ["st"],
    facts: true,
  },
  {
    asks: "core.pager, for everything that is run",
    plant: (repo, program) => {
      repo.configure(`[core]\n pager = ${program}
[pager]\n config = ${program}\n log = ${program}\n status = ${program}`);
    },
    control: null,
    facts: true,
  },
];
