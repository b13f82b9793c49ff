/** The umask that a daemon's process runs under, held for as long as a test runs a daemon. */

const ownerOnly = 0o077;
let holders = 0;
let before = 0;

/**
 * Sets the umask that `main.ts` sets; the last holder that is disposed of puts the old one back.
 * A process has one umask, so a second holder finds it set.
 */
export function daemonUmask(): Disposable {
  const was = process.umask(ownerOnly);
  if (holders === 0) before = was;
  holders += 1;
  let isHeld = true;
  return {
    [Symbol.dispose]: () => {
      if (!isHeld) return;
      isHeld = false;
      holders -= 1;
      if (holders === 0) process.umask(before);
    },
  };
}
