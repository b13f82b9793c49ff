/** The line of an answer about files that both the asked session and this folder have changed. */

import type { Answer } from "../../contract/ask.ts";
import { comparedTree } from "../frame/compared.ts";
import type { Io } from "../terminal/io.ts";
import { counted } from "../terminal/text.ts";

/** Most names in the line; the number of the others follows. */
const namesMax = 5;

/** The line; null when no session here has changed a file of the asked one. */
export async function sharedLine(
  io: Io,
  { handle, overlaps = [] }: Answer,
): Promise<string | null> {
  if (overlaps.length === 0) return null;
  const most = Math.max(...overlaps.map(({ files }) => files));
  const by = overlaps.map(({ name }) => name).join(", ");
  const names = await namesOf(io, handle);
  const named = names.slice(0, namesMax).join(", ");
  const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : "";
  const told = names.length === 0 ? "" : `: ${named}${more}`;
  const files = counted(names.length || most, "file");
  return `same repository, ${files} that ${by} here changed too${told}`;
}

/** The names of such files in the folder of this command; empty outside of the repository. */
async function namesOf(io: Io, handle: string): Promise<readonly string[]> {
  const tree = await comparedTree(io);
  if (tree === null || tree.changed.length === 0) return [];
  const paths = tree.changed.map(({ digest }) => digest);
  const { sessions } = await io.calls()["overlap/who"]({ identity: tree.identity, paths });
  const found = sessions.find((session) => session.handle === handle);
  return (found?.paths ?? []).map((at) => tree.changed[at]?.path ?? "");
}
