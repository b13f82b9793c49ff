/** Becomes another program, or the running one again: all of it is under the restrictions. */

import { addressOf, callFailed, errnoNow, libc, textBytes } from "./calls.ts";

const sigpipe = 13;
const sigxfsz = 25;
const setMask = 2;

/**
 * Replaces this process by the executable that it runs, even where its file was replaced or removed
 * meanwhile. @throws when the kernel refuses
 */
export function becomeAgain(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): never {
  return becomeProgram("/proc/self/exe", argv, environment);
}

/**
 * Replaces this process by the program at a path. Signals that the runtime ignores get their
 * default action again: an ignored signal outlives `execve`. Keeps the descriptors 0 to 2.
 * @throws when the kernel refuses
 */
export function becomeProgram(
  path: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): never {
  const { execve, signal, sigprocmask } = libc();
  for (const number of [sigpipe, sigxfsz]) signal(number, 0n);
  sigprocmask(setMask, new Uint8Array(128), null);
  const words = vector(argv);
  const variables = vector(Object.entries(environment).map(([name, value]) => `${name}=${value}`));
  execve(textBytes(path), words.pointers, variables.pointers);
  throw callFailed("execve", errnoNow());
}

/** Texts as execve(2) takes them: pointers that end with a null; `kept` keeps their bytes alive. */
function vector(texts: readonly string[]) {
  const kept = texts.map(textBytes);
  const pointers = new BigUint64Array(texts.length + 1);
  for (const [at, bytes] of kept.entries()) pointers[at] = BigInt(addressOf(bytes));
  return { pointers, kept };
}
