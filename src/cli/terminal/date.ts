/** Writes dates for people. */

/** A date in local time, as ISO 8601 writes one. */
export const dateOf = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** The time of day in local time, to the second. */
export const timeOf = (date: Date): string =>
  [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");

const two = (number: number): string => String(number).padStart(2, "0");
