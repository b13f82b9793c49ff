/** Picks from the output of a test runner the part that a reader of failures needs. */

/**
 * Returns for each test that failed, and for each file that could not be loaded, its first error
 * with the lines around it, where it was thrown, and its name.
 */
export function failuresIn(output: string): readonly string[] {
  const parts = output.split(/^(?=\(fail\) )/m);
  const failed = parts.slice(1).map((part, index) => {
    const before = (parts[index] ?? "").split("\n").slice(Math.min(index, 1));
    return shortened([...errorIn(before), part.slice(0, part.indexOf("\n"))]);
  });
  // A file that does not load has no test that could fail.
  return failed.length > 0 ? failed : unloadedIn(output);
}

function unloadedIn(output: string): readonly string[] {
  const parts = output.split(/^(?=# Unhandled error between tests)/m);
  return parts.slice(1).map((part, index) => {
    const file = /^(\S+\.test\.tsx?):\s*$/m.exec((parts[index] ?? "").slice(-300))?.[1] ?? "";
    return shortened([...errorIn(part.split("\n").slice(1)), file]);
  });
}

function errorIn(lines: readonly string[]): readonly string[] {
  const at = lines.findIndex((line) => /^\w*[Ee]rror: |^# Unhandled/.test(line));
  const near = at < 0 ? lines.slice(-8) : lines.slice(Math.max(0, at - 8), at + 12);
  const where = lines.filter((line) => /^ {6}at /.test(line) && !near.includes(line));
  return [...near, ...where.slice(0, 4)];
}

const shortened = (lines: readonly string[]): string =>
  lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.slice(0, 200))
    .join("\n");
