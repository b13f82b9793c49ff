/** The form of a guard. */

/** A guard: how it is taken out of the source, and which test must then be red. */
export interface Guard {
  readonly name: string;
  readonly source: string;
  /** Stands in the source exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly file: string;
  /** The beginning of the test's name. */
  readonly test: string;
}
