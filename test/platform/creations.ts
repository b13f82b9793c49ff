/** Reads from a trace by strace the files that a process created, and their first modes. */

/** The calls that are to be traced for it. */
export const creatingCalls = "trace=umask,open,openat,mkdir,mkdirat,bind";

/** One thing that was created. */
export interface Creation {
  readonly path: string;
  /** The mode of its creation, less the umask of that moment. */
  readonly mode: number;
  readonly kind: "file" | "folder" | "socket";
}

/** The files that a traced process created, in order; `umask` is its first one. */
export function creations(trace: string, umask: number): Creation[] {
  let mask = umask;
  const found: Creation[] = [];
  const add = (kind: Creation["kind"], path = "", mode = "0777"): void => {
    found.push({ kind, path, mode: Number.parseInt(mode, 8) & ~mask });
  };
  for (const line of trace.split("\n")) {
    const masked = /\bumask\((0\d*)\)/.exec(line);
    if (masked?.[1] !== undefined) mask = Number.parseInt(masked[1], 8);
    const file = /\bopen(?:at)?\((?:AT_FDCWD[^,]*, )?"([^"]+)", \S*O_CREAT\S*, (0\d+)/.exec(line);
    if (file !== null) add("file", file[1], file[2]);
    const made = /\bmkdir(?:at)?\((?:AT_FDCWD[^,]*, )?"([^"]+)", (0\d+)/.exec(line);
    if (made !== null) add("folder", made[1], made[2]);
    const bound = /\bbind\(.*sun_path="([^"]+)"/.exec(line);
    if (bound !== null) add("socket", bound[1]);
  }
  return found;
}

/** Those that others had a way into, or that could be run, from their first moment. */
export const openFromTheStart = (created: readonly Creation[]): readonly Creation[] =>
  created.filter(({ kind, mode }) => (mode & (kind === "folder" ? 0o077 : 0o177)) !== 0);
