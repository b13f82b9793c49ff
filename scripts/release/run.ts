/** Runs a program to its end. */

/** Runs a program; returns its output. @throws with its messages when it fails */
export function run(command: readonly string[], cwd?: string): string {
  const { success, stdout, stderr } = Bun.spawnSync([...command], {
    stdin: "ignore",
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (!success) throw new Error(`${command[0]} failed: ${stdout}${stderr}`.trimEnd());
  return stdout.toString();
}
