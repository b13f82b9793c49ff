/** The system's own name of a failure. Loads nothing. */

/** `ENOENT`, `ENOSPC` and the like; `unknown` for an error without one. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown";
