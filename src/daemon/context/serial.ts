/** Lets what must not interleave run one after another, by key. */

/** Runs asynchronous work of one key in the order in which it was asked for. */
export class Serial {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs when everything of the same key before it has ended, however it ended. */
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
