/** The state that all test files of one process share: umask, environment, working folder. */

/** That state at one moment. */
export interface Surroundings {
  readonly umask: number;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Reads the state of this process. */
export const surroundings = (): Surroundings => ({
  umask: process.umask(),
  folder: process.cwd(),
  environment: { ...process.env },
});

/** Names each part that differs: `umask`, `working folder`, `$NAME`. Empty when nothing does. */
export function differences(one: Surroundings, other: Surroundings): readonly string[] {
  const names = new Set([...Object.keys(one.environment), ...Object.keys(other.environment)]);
  const variables = [...names].filter((name) => one.environment[name] !== other.environment[name]);
  return [
    ...(one.umask === other.umask ? [] : ["umask"]),
    ...(one.folder === other.folder ? [] : ["working folder"]),
    ...variables.sort().map((name) => `$${name}`),
  ];
}

/** Makes the state of this process that of `before`. */
export function restore(before: Surroundings): void {
  process.umask(before.umask);
  process.chdir(before.folder);
  for (const name of Object.keys(process.env)) {
    if (before.environment[name] === undefined) delete process.env[name];
  }
  for (const [name, value] of Object.entries(before.environment)) {
    if (value !== undefined) process.env[name] = value;
  }
}
