/**
 * Offers once, before a pairing, to let other machines reach this one, when only itself can. Widens
 * nothing without that key.
 */

import { stateNames } from "../../contract/text/state-names.ts";
import { started } from "../../session/started.ts";
import { startAsSetUp } from "../frame/bring-up.ts";
import type { Io } from "../terminal/io.ts";
import { note, prompt } from "../terminal/output.ts";

/** The network to admit, in the words of the settings. */
interface Offer {
  readonly word: "tailnet" | "lan";
  readonly question: string;
}

/**
 * Asks, carries it out, and returns; after a no the pairing continues as before. @throws
 * {bad_request}
 */
export async function offerReach(io: Io): Promise<void> {
  const isSet = io.environment.PEERNET_LISTEN_ADDRESSES !== undefined;
  const offer = isSet ? null : await offerOf(io);
  if (offer === null) return;
  const { machine } = await started(io, () => io.calls().status({}));
  if (!machine.listen.every(isLoopback)) return;
  const line = await prompt(io, `${offer.question} [Y/n] `);
  if (line === null || !/^(y(es)?)?$/i.test(line.trim())) return;
  await widen(io, offer.word);
  const { listen } = (await io.calls().status({})).machine;
  note(io, listen.length === 0 ? "it listens nowhere yet" : `it listens on ${listen.join(", ")}`);
}

async function offerOf(io: Io): Promise<Offer | null> {
  const [address] = await io.lanAddresses();
  const tailnet = await io.tailnet();
  if (tailnet.state === "running") {
    const question = `Let your tailnet reach this machine (${tailnet.addresses[0]})?`;
    return { word: "tailnet", question };
  }
  if (address === undefined) return null;
  const question = `Let the local network reach this machine (${address}, announced there)?`;
  return { word: "lan", question };
}

async function widen(io: Io, word: Offer["word"]): Promise<void> {
  const { find, replace, requireWritable, settled } = await import("../../setup/apply/files.ts");
  const { withListen } = await import("../../setup/plan/settings.ts");
  const path = `${io.home}/${stateNames.config}`;
  await settled(path, io.timers, () => {
    const found = find(path);
    requireWritable(found);
    return replace(found, withListen(found.text, word)) || null;
  });
  await io.stopDaemon();
  await startAsSetUp(io);
}

const isLoopback = (address: string): boolean => /^(127\.|\[::1\])/.test(address);
