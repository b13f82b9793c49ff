/**
 * The second question of setup: who may reach this machine, with the consequences in words. Pure.
 */

import { portDefault } from "../../contract/limits.ts";
import { printable } from "../../contract/text/printable.ts";
import type { Survey } from "../frame/setup-parts.ts";

interface Choice {
  /** Words for the settings, separated by commas. */
  readonly value: string;
  readonly label: string;
}

const local = {
  value: "127.0.0.1",
  label: "only this machine            it can ask, nobody can ask it",
};
const everywhere = "announces itself on every network it joins, cafés too";

/** The question, its choices, and the default choice. */
export function reachQuestion(
  { tailnet, networks }: Pick<Survey, "tailnet" | "networks">,
  listen: readonly string[],
) {
  const [address] = tailnet.addresses;
  const where = address === undefined ? "" : `${address}:${portDefault}`;
  const onTailnet = { value: "tailnet", label: `machines on my tailnet       ${where}`.trimEnd() };
  const onLan = lanChoices(networks);
  const both = { value: "tailnet,lan", label: `tailnet and local network    ${everywhere}` };
  const choices: readonly Choice[] = {
    missing: [...onLan, local],
    stopped: [...onLan, { ...onTailnet, label: `${onTailnet.label}  once it is up` }, local],
    unanswered: [...onLan, onTailnet, local],
    running: [onTailnet, ...(networks.lan === null ? [] : [both]), local],
  }[tailnet.state];
  const now = listen.join(",");
  const isKnown = choices.some(({ value }) => value === now);
  const kept: readonly Choice[] = isKnown
    ? []
    : [{ value: now, label: `as now: ${now || "nowhere"}` }];
  const options = [...kept, ...choices].map(({ value, label }) => ({
    value,
    label: printable(label),
  }));
  return { message: "Who may reach it?", options, initialValue: now };
}

/** The choice of the local network; each address, when the network is unknown. */
function lanChoices({ lan, addresses }: Survey["networks"]): readonly Choice[] {
  if (lan !== null) return [{ value: "lan", label: `machines on my local network ${everywhere}` }];
  return addresses
    .filter((address) => !/^(127\.|::1$)/.test(address))
    .map((address) => ({ value: address, label: `machines that reach ${address}` }));
}
