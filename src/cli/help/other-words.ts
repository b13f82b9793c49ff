/**
 * Words that people know from other tools, and peernet's answer to each: data alone. A word either
 * runs one of our commands, or gets a hint. A hint about an unbuilt feature says that it is not
 * built.
 */

/** A word of another tool. */
export interface OtherWord {
  /** One or two words, as a person types them after `peernet`. */
  readonly words: string;
  /** The tools that have the word. */
  readonly of: string;
  /** Our command that it runs, with the words that follow. */
  readonly runs?: string;
  /** Our answer. `{home}` is the state folder, `{1}` the word that follows, else NAME. */
  readonly hint?: string;
  /** The designed but unbuilt feature. */
  readonly unbuilt?: string;
}

/** Every such word, in the order of the document about them. */
export const otherWords: readonly OtherWord[] = [
  { words: "ps", of: "docker", runs: "ask" },
  { words: "list", of: "gh, actor", runs: "ask" },
  { words: "get", of: "kubectl", runs: "ask" },
  { words: "info", of: "docker", runs: "status" },
  { words: "-V", of: "many", runs: "version" },
  { words: "-v", of: "many", runs: "version" },
  { words: "peer", of: "thrum", runs: "peers" },
  { words: "servers", of: "actor", runs: "peers" },
  { words: "nodes", of: "cmesh, kubectl", runs: "peers" },
  { words: "inspect", of: "docker", hint: "peernet peers show {1}" },
  { words: "describe", of: "kubectl", hint: "peernet peers show {1}" },
  { words: "ping", of: "tailscale", hint: "peernet peers show {1}" },
  { words: "top", of: "docker, kubectl", hint: "peernet watch" },
  { words: "logs", of: "docker, kubectl, actor", hint: "tail -f {home}/daemon.log" },
  { words: "config", of: "gh, kubectl", hint: "edit {home}/config.toml" },
  { words: "update", of: "many", hint: "run install.sh again, as it was run the first time" },
  { words: "upgrade", of: "many", hint: "run install.sh again, as it was run the first time" },
  { words: "init", of: "thrum", hint: "peernet setup" },
  { words: "install", of: "many", hint: "peernet setup" },
  { words: "restart", of: "docker", hint: "peernet stop, then peernet start" },
  { words: "kill-broker", of: "claude-peers", hint: "peernet help stop" },
  { words: "connect", of: "many", hint: "peernet pair" },
  { words: "login", of: "gh, docker", hint: "peernet pair" },
  { words: "rm", of: "docker", hint: "peernet unpair {1}" },
  { words: "pause", of: "docker", hint: "peernet peers pause {1}" },
  { words: "unpause", of: "docker", hint: "peernet peers resume {1}" },
  { words: "delete", of: "kubectl", hint: "peernet unpair {1}" },
  { words: "rename", of: "docker", hint: "peernet peers rename {1} NEW" },
  { words: "grant", of: "many", hint: "peernet peers grant {1} ask" },
  { words: "allow", of: "many", hint: "peernet peers grant {1} ask" },
  { words: "revoke", of: "many", hint: "peernet peers revoke {1} ask" },
  { words: "peer add", of: "thrum", hint: "peernet pair --open" },
  { words: "peer join", of: "thrum", hint: "peernet pair" },
  { words: "peer repair", of: "thrum", hint: "peernet doctor" },
  { words: "peer remove", of: "thrum", hint: "peernet unpair NAME" },
  { words: "peer status", of: "thrum", hint: "peernet peers show NAME" },
  { words: "peer configure", of: "thrum", hint: "peernet peers grant NAME message:HANDLE" },
  { words: "servers trust", of: "actor", hint: "peernet trust FINGERPRINT" },
  { words: "servers untrust", of: "actor", hint: "peernet unpair NAME" },
  { words: "team", of: "thrum", hint: "peernet watch --once" },
  { words: "overview", of: "thrum", hint: "peernet watch --once" },
  { words: "register", of: "thrum", hint: "peernet activate" },
  { words: "whoami", of: "thrum", hint: "peernet status" },
  { words: "sync", of: "thrum", hint: "peernet outbox" },
  { words: "message", of: "many", runs: "send" },
  { words: "mail", of: "many", runs: "inbox" },
  { words: "check_messages", of: "claude-peers", hint: "peernet inbox" },
  { words: "send_message", of: "claude-peers", hint: "peernet send MACHINE/NAME" },
  { words: "list_peers", of: "claude-peers", hint: "peernet watch --once" },
  { words: "set_summary", of: "claude-peers", hint: "peernet summary TEXT" },
  { words: "hydrate_ask_peer", of: "Hydrate", hint: "peernet ask MACHINE/NAME" },
  { words: "result", of: "cmesh", hint: "peernet task show {1}" },
  { words: "new", of: "actor", hint: "peernet run MACHINE:REPOSITORY" },
  { words: "delegate", of: "cmesh", hint: "peernet run MACHINE:REPOSITORY" },
  { words: "exec", of: "docker, kubectl", hint: "peernet run MACHINE:REPOSITORY" },
  { words: "attach", of: "actor, docker", hint: "peernet task log {1} --follow" },
  { words: "discard", of: "actor", hint: "peernet task discard {1}" },
  { words: "kill", of: "docker", hint: "peernet task stop {1}" },
  { words: "approve", of: "cmesh", hint: "peernet task approve {1}" },
  { words: "ssh", of: "many", hint: "ssh {1}, outside of peernet" },
  { words: "cp", of: "docker, kubectl", hint: "peernet cat MACHINE:REPOSITORY PATH" },
];
