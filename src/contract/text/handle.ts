/** The two halves of a handle, `machine/name`, and the only parser of handles. Loads nothing. */

/** The session's name in a handle; the full text when it names no machine. */
export const nameHalf = (handle: string): string => handle.slice(handle.indexOf("/") + 1);

/** The machine in a handle; null when it names none. */
export function machineHalf(handle: string): string | null {
  const slash = handle.indexOf("/");
  return slash < 0 ? null : handle.slice(0, slash);
}
