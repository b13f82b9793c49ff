/** Writes whole numbers for people. Pure; loads nothing. */

/** A whole number with a comma between thousands. */
export const grouped = (count: number): string =>
  String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
