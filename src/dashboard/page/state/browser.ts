/**
 * The page's access to the browser: time, timers, the clipboard, downloads, the storage of its tab.
 * The only file of the page that uses them. Decides nothing.
 */

/** Milliseconds by a clock that never jumps. */
export const now = (): number => performance.now();

/** The date of an instant, in this browser's zone. */
export const dateOf = (at_ms: number): Date => new Date(at_ms);

/** Milliseconds since 1970. */
export const today = (): number => Date.now();

/** Runs a function once after that many milliseconds; returns its cancel function. */
export function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Resolves after that many milliseconds. */
export const pause = (ms: number): Promise<void> =>
  new Promise((done) => {
    after(ms, done);
  });

/** Copies text to the clipboard; false when the browser forbids it. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Offers text as a file to save. */
export function offer(name: string, parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  after(60_000, () => URL.revokeObjectURL(url));
}

/** Removes the secret from the address, so that neither history nor a copied link holds it. */
export function takeSecret(): string | null {
  const secret = location.hash.slice(1);
  if (secret === "") return null;
  history.replaceState(null, "", location.pathname);
  return secret;
}

const bearerKey = "bearer";

/** The bearer from an earlier load of this tab, or from the tab that this one copies. */
export function keptBearer(): string | null {
  try {
    return sessionStorage.getItem(bearerKey);
  } catch {
    return null;
  }
}

/** Stores the bearer for this tab alone, for the tab's life; null removes it. */
export function keepBearer(bearer: string | null): void {
  try {
    if (bearer === null) sessionStorage.removeItem(bearerKey);
    else sessionStorage.setItem(bearerKey, bearer);
  } catch {
    // Without storage in the browser, a reload needs a new link.
  }
}

/** True when the person asked for less motion. */
export const isStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** True when the page is not visible. */
export const isHidden = (): boolean => document.hidden;

/** Calls a function when the page is left: closed, reloaded, or replaced by another. */
export function onLeaving(run: () => void): void {
  window.addEventListener("pagehide", run);
}

/** Calls a function whenever the page is hidden or shown. */
export function onVisibility(run: () => void): void {
  document.addEventListener("visibilitychange", run);
}
