/** Texts about topics and webhooks, which state facts of this machine. */

/** Texts about this machine, a typed word, or peernet itself. */
export const topicTexts: readonly string[] = [
  "did not receive it",
  "nothing answers there",
  "the program did not prove that it knows the secret",
  "its secret_file holds no secret that is this user's alone",
  "of a topic's message a machine tells that it is stored, and no more",
  "… is no handle",
  "shows the topics of this machine, who receives each, and who may send to it",
  "no more subscriptions fit on this machine",
  "… has … subscribers on this machine already",
];
