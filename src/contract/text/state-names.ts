/** Names inside the state folder, and the only list of them. Loads nothing. */

/** Files and folders of the state folder, each by its purpose. */
export const stateNames = {
  database: "state.db",
  /** The write-ahead log of the database. */
  databaseLog: "state.db-wal",
  /** Held by the daemon while it runs. */
  lock: "lock.db",
  /** Held by the keeper while it runs. */
  keeperLock: "keeper.db",
  /** Held by the keeper that waits for the present one to end. */
  keeperTurn: "keeper-next.db",
  socket: "control.sock",
  config: "config.toml",
  /** The rules under which peers read repositories here. */
  policy: "policy.toml",
  /** The keys for which the names in those rules count. */
  policyNames: "policy-names.json",
  log: "daemon.log",
  /** Signed checkpoints of the trail, one a line. */
  checkpoints: "checkpoints",
  /** Setup's changes, for uninstall. */
  ledger: "setup.json",
  /** Exists while `peernet stop` was the last command; holds its time. */
  stopped: "stopped",
  /** Acts of a person that were not shown yet. */
  unseen: "unseen",
  /** Mail for a person that no command has mentioned yet. */
  unseenMail: "unseen-mail",
  /** The time at which a person last learned that others can read a command's words. */
  typedNoted: "typed-noted",
  /** The daemon's process, for a command that must end an unresponsive one. */
  process: "process.json",
  /** Written only to find out whether the disk is full. */
  trial: "trial",
  /** Pipes at which idle sessions wait to be woken. */
  wakers: "wakers",
  /** The socket at which metrics are served. */
  metricsSocket: "metrics.sock",
  /** The bearer of those who read metrics at a port. */
  metricsToken: "metrics.token",
  /** Tasks that run here: a folder each. */
  tasks: "tasks",
  /** Parts of tasks that this machine asked for. */
  askedTasks: "tasks-asked",
  /** Clones of repositories that the policy names by their source. */
  clones: "clones",
  keys: "keys",
  /** The identity: TLS key, certificate, signing key. */
  identity: "keys/identity.pem",
  /** Copies of changed files. */
  backups: "backups",
  /** Closed segments of the trail. */
  archive: "archive",
} as const;
