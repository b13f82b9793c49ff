/** Runs the editor of a person on a private copy of a text. Judges nothing of the text. */

/** The editor, and the environment and the path for it. */
export interface Editing {
  readonly editor: string;
  /** The place of the copy, in a folder of the user's alone. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The text after the editor has ended; null when it failed. Removes the copy. */
export async function editText(
  text: string,
  { editor, path, environment }: Editing,
): Promise<string | null> {
  try {
    await Bun.write(path, text, { mode: 0o600 });
    // An editor may be a command line, as `code --wait`: a shell reads it.
    const child = Bun.spawn(["/bin/sh", "-c", `${editor} "$1"`, "sh", path], {
      stdio: ["inherit", "inherit", "inherit"],
      env: { ...environment },
    });
    return (await child.exited) === 0 ? await Bun.file(path).text() : null;
  } finally {
    await Bun.file(path)
      .delete()
      .catch(() => {});
  }
}
