/** The second question of setup: who may reach this machine. Pure. */

import { portDefault } from "../../contract/limits.ts";
import { printable } from "../../contract/text/printable.ts";
import type { Survey } from "../frame/setup-parts.ts";

interface Choice {
  /** What goes into the settings, by a comma. */
  readonly value: string;
  readonly label: string;
}

const local = { value: "127.0.0.1", label: "only this machine            no network listener" };
const everywhere = "announces itself on every network it joins, cafés too";

/** The question, its choices, and the one that is chosen by Enter. */
export function reachQuestion({ tailnet }: Pick<Survey, "tailnet">, listen: readonly string[]) {
  const [address] = tailnet.addresses;
  const where = address === undefined ? "" : `${address}:${portDefault}`;
  const choices: Choice[] =
    tailnet.state === "missing"
      ? [local, { value: "lan", label: `machines on my local network ${everywhere}` }]
      : [
          { value: "tailnet", label: printable(`machines on my tailnet       ${where}`.trimEnd()) },
          { value: "tailnet,lan", label: `tailnet and local network    ${everywhere}` },
          local,
        ];
  const now = listen.join(",");
  const isKnown = choices.some(({ value }) => value === now);
  const kept: Choice[] = isKnown
    ? []
    : [{ value: now, label: printable(`as now: ${now || "nowhere"}`) }];
  return {
    message: "Who may reach it?",
    options: [...kept, ...choices],
    initialValue: now,
  };
}
