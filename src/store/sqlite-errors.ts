/** Translates SQLite's errors into peernet's. */

import { PeernetError } from "../contract/errors.ts";

/** The peernet error for a known SQLite code; any other error unchanged. */
export function nameOf(error: unknown): Error {
  if (error instanceof PeernetError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "SQLITE_FULL") return new PeernetError("storage_full");
  if (code.startsWith("SQLITE_IOERR")) {
    return new PeernetError("storage_full", {
      message: `the disk failed to write (${code})`,
      hint: "check the disk that holds the state folder",
    });
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return new PeernetError("database_damaged");
  if (code === "SQLITE_CANTOPEN") {
    return new PeernetError("state_unsafe", { message: "the database cannot be opened" });
  }
  if (code.startsWith("SQLITE_READONLY")) {
    return new PeernetError("state_unsafe", { message: "the database cannot be written" });
  }
  return error instanceof Error ? error : new PeernetError("internal");
}
