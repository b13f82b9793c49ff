/** Decides which of the scopes that a peer holds here it is told of. */

/**
 * The scopes to tell a machine that has these features. A build without the feature `grants`
 * refuses a scope that it does not know, and with it the message: it is told of `ask` alone.
 */
export const scopesToTell = <S extends string>(
  scopes: readonly S[],
  features: readonly string[],
): S[] => (features.includes("grants") ? [...scopes] : scopes.filter((scope) => scope === "ask"));
