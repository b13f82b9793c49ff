/** The ways by which a session learns of its mail, in words for people. Loads nothing. */

/**
 * The ways: a turn is started for it, it is told in its running turn, or at its next prompt.
 * Nothing tells a shell, whose person reads the inbox, nor an agent without hooks, which asks.
 */
export const ways = ["wake", "turn", "prompt", "inbox", "call"] as const;
export type WayWord = (typeof ways)[number];

/** The reasons why no turn is started for a session. */
export const obstacles = [
  "setting",
  "hooks",
  "headless",
  "unattended",
  "terminal",
  "command",
  "silent",
  "program",
  "waker",
  /** Of a peer without the right. */
  "right",
  /** To a peer in place of a setting, or of a mode of the session. */
  "closed",
] as const;
export type ObstacleWord = (typeof obstacles)[number];

const obstacleTexts: Readonly<Record<ObstacleWord, string>> = {
  setting: "messages.wake is never",
  hooks: "no hook reports its turns",
  headless: "no person uses it",
  unattended: "runs without asking",
  terminal: "no terminal shows it",
  command: "its program's command failed",
  silent: "it did not answer",
  program: "its program cannot be woken",
  waker: "nothing waits to wake it before its next prompt",
  right: "this machine lacks the right wake there",
  closed: "its machine does not let it be woken",
};

/** The words of an obstacle. */
export const obstacleText = (obstacle: ObstacleWord): string =>
  `not wakeable: ${obstacleTexts[obstacle]}`;

/** The way of a session, and the reason why no turn is started for it. */
export interface WayFacts {
  readonly next: WayWord;
  readonly not_wakeable: ObstacleWord | null;
}

/** The way in which mail reaches a session, as a phrase after the word mail. */
export function wayText({ next, not_wakeable }: WayFacts): string {
  switch (next) {
    case "wake":
      return "wakes it";
    case "turn":
      return "told in this turn";
    case "prompt":
      return not_wakeable === null ? "told at its next prompt" : obstacleText(not_wakeable);
    case "inbox":
      return "read by peernet inbox";
    case "call":
      return "read when its agent asks";
    default:
      return next satisfies never;
  }
}
