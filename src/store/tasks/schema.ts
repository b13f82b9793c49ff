/** The migration about tasks. */

/** The tables of tasks, of both sides. */
export const tasks: readonly string[] = [
  // One row a round. The body holds what no query asks for, as JSON; `_ms` is elapsed time.
  `CREATE TABLE task (
    seq INTEGER PRIMARY KEY,
    direction TEXT NOT NULL,
    task_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    open INTEGER NOT NULL,
    due INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    body TEXT NOT NULL,
    whole TEXT,
    UNIQUE (direction, task_id, round)
  ) STRICT`,
  `CREATE INDEX task_open ON task (direction) WHERE open = 1`,
  `CREATE INDEX task_due ON task (direction) WHERE due = 1`,
  `CREATE INDEX task_created ON task (direction, created_ms)`,
  `CREATE INDEX task_ended ON task (ended_ms) WHERE ended_ms IS NOT NULL`,
  `CREATE TABLE task_step (
    seq INTEGER PRIMARY KEY,
    direction TEXT NOT NULL,
    task_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    at_ms INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX task_step_of ON task_step (direction, task_id)`,
  // Approvals that stand for later rounds of the same rules, machine and profile.
  `CREATE TABLE task_approval (
    fingerprint TEXT NOT NULL,
    rules TEXT NOT NULL,
    profile TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (fingerprint, rules, profile)
  ) STRICT, WITHOUT ROWID`,
];
