/** The line about a message that was just sent. Claims no more than is proven. */

import type { Sent } from "../../contract/messages/sending.ts";
import { awayText, machineOf, nextText, stageText } from "../../contract/messages/words.ts";
import { took } from "../../contract/text/words.ts";

/** The outcome of one message, in a line: `stored on mini, 9 ms · …`. */
export function sentSentence({ to, stage, reason, took_ms, next, away }: Sent): string {
  if (stage === "queued") {
    const why =
      away === null
        ? `${machineOf(to)} has not answered yet`
        : awayText(away.peer, away.last_seen_age_ms);
    return `queued: ${why}; it is sent when it is back (7 days)`;
  }
  const done = `${stageText({ stage, reason, peer: to })}, ${took(took_ms)}`;
  const isHeld = stage === "held";
  const whom = to.includes("/") || isHeld ? [] : [`for the person at ${to}`];
  const told = next === null ? [] : [nextText[next]];
  return [done, ...whom, ...told].join(" · ");
}
