/** A made-up repository of a peer, which answers readings a small page at a time. */

import { PeernetError } from "../../src/contract/errors.ts";
import type { ReadInput, ReadOutput } from "../../src/contract/reads/local.ts";
import { type Network, network } from "./networks.ts";

/** Markup, and characters that reorder or hide text. */
export const hostile = `<img src=x onerror="document.title='owned'"> \u202egnp.exe\u2066\u200b`;

/** Lines, paths or matches of one page. */
export const pageOf = 40;

const lines = Array.from({ length: 60 }, (_, at) =>
  at === 49 ? "  const backoff = 429;" : `  line ${at + 1}`,
);

/** The files by their paths. */
export const files: Readonly<Record<string, string>> = {
  "README.md": "# Hydrate\n\nbackoff is described here\n",
  "[odd] name.ts": "export const odd = 1;\n",
  "hostile.txt": `${hostile}\n\tindented\n`,
  "link.md": "README.md",
  "src/sync.ts": `${lines.join("\n")}\n`,
  "src/core/wait.ts": "export const wait = 1;\n",
  ...Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`many/f${at}.ts`, ""])),
};

/** A network in which mini lets this machine read, its first session with changed files. */
export function readable(): Network & { readonly read: NonNullable<Network["read"]> } {
  const { events, ...rest } = network({ peers: 2, handles: 2, own: 1 });
  const told = events.map((event) => {
    if (event.event !== "peer" || event.peer.name !== "mini") return event;
    const { grants } = event.peer;
    return {
      ...event,
      peer: { ...event.peer, grants: { ...grants, ours: ["ask", "read"] as const } },
    };
  });
  return { ...rest, events: told as Network["events"], read };
}

type Answer = ReadOutput["answer"];

function read({ machine, repository, handle, operation }: ReadInput): ReadOutput {
  if ((repository ?? handle) !== "hydrate") {
    throw new PeernetError("repository_unknown", {
      message: `${machine} lets this machine read no repository ${repository}`,
      hint: `on ${machine} run: peernet policy show`,
    });
  }
  return {
    ...{ machine, repository: "hydrate", sha: "91c0d7e0aa0000000000000000000000000000aa" },
    ...{ ref: "refs/heads/main", age_ms: 250_000, wall: "bwrap" },
    uncommitted: [{ handle: `${machine}/hydrate`, files: 3 }],
    answer: answerOf(operation),
  };
}

function page<T>(all: readonly T[], cursor: string | null) {
  const from = Number(cursor ?? 0);
  const shown = all.slice(from, from + pageOf);
  const isMore = from + pageOf < all.length;
  return {
    shown,
    incomplete: isMore ? ("more" as const) : null,
    cursor: isMore ? String(from + pageOf) : null,
  };
}

function answerOf(operation: ReadInput["operation"]): Answer {
  if (operation.op === "glob") {
    const glob = new Bun.Glob(operation.pattern);
    const all = Object.keys(files).filter((path) => glob.match(path));
    const { shown, ...rest } = page(all, operation.cursor);
    return { op: "glob", paths: shown, total: all.length, ...rest };
  }
  if (operation.op === "grep") return found(operation.pattern);
  const text = files[operation.path];
  if (text === undefined) throw new PeernetError("path_unknown", { message: "no such path" });
  const all = text.replace(/\n$/, "").split("\n");
  const from = operation.cursor ?? String((operation.lines?.from ?? 1) - 1);
  const { shown, ...rest } = page(all, from);
  return {
    ...{ op: "file", path: operation.path, kind: operation.path === "link.md" ? "link" : "text" },
    ...{ bytes: text.length, first_line: Number(from) + 1, text: shown.join("\n") },
    ...{ total: all.length, ...rest },
  };
}

/** A search that runs out of time after its matches. */
function found(pattern: string): Answer {
  const matches = Object.entries(files).flatMap(([path, text]) =>
    text
      .split("\n")
      .flatMap((line, at) =>
        line.includes(pattern) ? [{ path, line: at + 1, text: line, before: [], after: [] }] : [],
      ),
  );
  const rest = { incomplete: "deadline", total: null, cursor: null } as const;
  return { op: "grep", matches, files: Object.keys(files).length, ...rest };
}
