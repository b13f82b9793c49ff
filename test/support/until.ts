/** Waits in tests: for a condition, never for a time. */

/** The time that a condition may take on a busy machine before the test has failed. */
const deadlineMs = 20_000;

/** Resolves as soon as the condition holds. @throws when it does not in time, 20 s unless given */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs: number = deadlineMs,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited too long until ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
