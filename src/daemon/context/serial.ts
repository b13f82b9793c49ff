/** Runs work that must not interleave one after another, by key. */

/** Runs asynchronous work of one key in the order of the requests. */
export class Serial {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs when all earlier work of the same key has ended, in any way. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const own = before.then(work, work);
    this.#last.set(key, own);
    const forget = (): void => {
      if (this.#last.get(key) === own) this.#last.delete(key);
    };
    own.then(forget, forget);
    return own;
  }
}
