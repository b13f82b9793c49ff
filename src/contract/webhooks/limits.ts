/** Limits of webhooks, each with its reason. Loads nothing. */

/** Webhooks of one machine: programs of its own user. */
export const webhooksMax = 8;
/** Events that wait for one webhook; a further one takes the place of the oldest. */
export const webhookQueueMax = 256;
/** The time for which an event is tried: a bot that was away for a night still hears of it. */
export const webhookLifeMs = 86_400_000;
/** The pause after a first failure; doubled with each … */
export const webhookPauseMs = 1_000;
/** … up to this: a program that was started again waits at most so long. */
export const webhookPauseMsMax = 300_000;
/** The time limit of one attempt. */
export const webhookDeadlineMs = 10_000;
/** The time for which changes are collected before a look. */
export const webhookLookMs = 100;
/** The largest body: with more, the text is left out. */
export const webhookBodyBytesMax = 57_344;
/** The largest head or challenge reply that is read: ours are under 1 KiB. */
export const webhookReplyBytesMax = 8_192;
/** Bytes of a secret, by Standard Webhooks. */
export const webhookSecretBytes = { min: 24, max: 64 } as const;
/** Characters of a webhook's address. */
export const webhookUrlMax = 1_024;
