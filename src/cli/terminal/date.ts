/** Writes dates for people. */

/** A date in local time, as ISO 8601 writes one. */
export const dateOf = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

const two = (number: number): string => String(number).padStart(2, "0");
