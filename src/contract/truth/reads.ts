/** The evidence of what is told about a peer's repositories, and texts about our own policy. */

const now = "of the moment: the other machine said it in this call";

const under = (schema: string, names: string): readonly string[] =>
  names.split(" ").map((name) => `${schema}.${name}`);

/** Rows of facts that a reading tells. */
export const readFacts = {
  reading: {
    fields: [
      ...under("ReadOutput", "machine repository sha ref age_ms wall"),
      ...under("ReadOutput.answer", "path kind bytes first_line text incomplete total cursor op"),
      ...under("ReadOutput.answer", "paths[] files"),
      ...under("RepositoriesOutput", "machine more repositories[].name repositories[].refs[]"),
      ...under("Match", "path line text before[] after[]"),
      ...["read_peer_file", "search_peer_files", "list_peer_files"].flatMap((tool) =>
        under(tool, "message machine repository commit lines[] total incomplete cursor notice"),
      ),
      ...under("read_peer_file", "path kind first_line"),
      ...["read_peer_file", "search_peer_files", "list_peer_files"].map(
        (tool) => `${tool}.untrusted[]`,
      ),
    ],
    from: "src/daemon/reads/outgoing.ts#operate",
    age: "ReadOutput.age_ms",
  },
  "files not committed": {
    fields: under("Uncommitted", "handle files"),
    from: "src/daemon/reads/outgoing.ts#operate",
    age: "Peer.last_seen_age_ms",
  },
  "refused reading": { fields: [], from: "src/daemon/reads/errors.ts#readError", age: now },
} as const;

/** Sentences about a reading, by their fact. */
export const readClaims = {
  reading: [
    "a link; this is its text:",
    "repositories that … lets this machine read",
    "a submodule; this is its commit:",
    "there is more",
    "there are more",
  ],
  "files not committed": [
    "… has … changed files",
    "… has … that are not in it",
    "… that are not in it",
  ],
  "refused reading": [
    "it is too large",
    "its keeper did not answer in time",
    "its keeper ended meanwhile",
    "its keeper has too much to do",
    "its keeper is of an older version",
    "its reader ended before it answered",
    "no keeper runs there",
    "no such repository is readable there",
    "that machine cannot read now",
    "that machine has no sandbox to read in",
    "that machine's policy does not allow it",
    "… cannot be read there: …",
    "… cannot be reached; …",
    "… cannot read now: its keeper does not answer",
    "… did not answer in time",
    "… has no sandbox to read in",
    "… is asked too much at once",
    "… lets this machine read no repository …",
    "… lets this machine read no such ref of …",
    "… lets this machine read nothing",
    "… runs a version that lets nobody read",
    "… runs a version that lists no repositories",
    "… read in ……",
  ],
} as const;

/** Outputs about this machine's own policy. */
export const policyOutputs: readonly string[] = [
  ...["LooseName", "PolicyOutput", "PolicyPlanOutput", "PolicyTestOutput"],
];

/** Texts about this machine's own policy, or about a typed word. */
export const policyTexts: readonly string[] = [
  "The policy was changed or checked here",
  "a repository is written MACHINE:NAME, a session MACHINE/NAME",
  "allow …: no, its … is not …",
  "by this policy no machine may read or run anything here",
  "another machine bears the name now",
  "it was paired after the last check",
  "names count for the machines that bore them at the last: peernet policy check",
  "no machine is called so",
  "of run: when a person here approves; a machine that is not yours always waits",
  "no policy: no machine may read or run anything here",
  "peer= and repository= are needed",
  "read its files as any program does",
  "that is this machine's own name",
  "… counts for no machine: peernet policy check",
  "… is another repository in the policy: …",
];
