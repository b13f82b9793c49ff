/**
 * Paths that no peer gets, whatever a rule allows: names under which people keep secrets. A seat
 * belt: a key in an ordinary file passes.
 */

const secret = new RegExp(
  [
    ...["\\.env(\\..*)?", "\\.envrc", "\\.netrc", "_netrc", "\\.npmrc", "\\.pypirc", "\\.pgpass"],
    ...["\\.git-credentials", "\\.htpasswd", "\\.dockercfg", "id_(rsa|dsa|ecdsa|ed25519)(_sk)?"],
    ...[".*\\.(pem|key|p12|pfx|p8|jks|keystore|kdbx|ppk|asc|gpg|age)", ".*\\.tfstate(\\..*)?"],
    ...[".*\\.tfvars(\\.json)?", "credentials(\\.(json|ya?ml|toml|ini|csv))?"],
    ...["secrets?\\.(ya?ml|json|toml|ini|env)", "service[-_]?account.*\\.json"],
    ...["master\\.key", "\\.vault[-_]pass(word)?", "kubeconfig", "\\.s3cfg", "\\.boto"],
  ]
    .map((name) => `^${name}$`)
    .join("|"),
  "iu",
);

/** Folders all of whose files are secret. */
const secretFolders = /^\.(ssh|aws|gnupg|kube|azure|gcloud|docker|password-store)$/iu;

/** Names of examples, which hold no secret. */
const example = /^\.env\.(example|sample|template|dist|defaults)$/iu;

/** True for a path that is refused by its name. */
export function isSecret(path: string): boolean {
  const names = path.split("/");
  const last = names.pop() ?? "";
  if (names.some((name) => secretFolders.test(name))) return true;
  return secret.test(last) && !example.test(last);
}

/** Judges paths by the built-in names and by a rule's patterns. */
export function denying(patterns: readonly string[]): (path: string) => boolean {
  const globs = patterns.map((pattern) => new Bun.Glob(pattern));
  return (path) => isSecret(path) || globs.some((glob) => glob.match(path));
}
