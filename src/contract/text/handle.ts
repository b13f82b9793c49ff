/** The two halves of a handle, `machine/name`: the only parse of one. Loads nothing. */

/** The name of a handle's session: all of it where no machine is named. */
export const nameHalf = (handle: string): string => handle.slice(handle.indexOf("/") + 1);

/** The machine that a handle names; null where it names none. */
export function machineHalf(handle: string): string | null {
  const slash = handle.indexOf("/");
  return slash < 0 ? null : handle.slice(0, slash);
}
