/** A person's actions on a peer: rename it, set its rights, end the pairing. */

import { useState } from "preact/hooks";
import type { Peer } from "../../../contract/peer.ts";
import { opened } from "../state/selection.ts";
import { call, type Failure, type Reply } from "../state/server.ts";
import { Failed } from "../ui.tsx";
import { NameForm } from "./name-form.tsx";
import { isName, Typed } from "./typed.tsx";

type Form = "rename" | "unpair";

/** The actions of one peer. */
export function PeerActions({ peer }: { readonly peer: Peer }) {
  const [form, show] = useState<Form | null>(null);
  const [error, fail] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (work: Promise<Reply<unknown>>): Promise<void> => {
    setBusy(true);
    const reply = await work;
    setBusy(false);
    fail(reply.ok ? null : reply.error);
    if (reply.ok) show(null);
  };
  const { name } = peer;
  const mayAsk = peer.grants.theirs.includes("ask");
  const grant = (): void => {
    const entries = [{ scope: "ask" as const, names: null }];
    void run(
      mayAsk
        ? call("peers/revoke", { name, scopes: ["ask"] })
        : call("peers/grant", { name, entries }),
    );
  };
  const toggle = (wanted: Form) => () => show(form === wanted ? null : wanted);
  return (
    <section class="peer-actions">
      {peer.named_by === "itself" && <Unconfirmed name={name} />}
      <label class="switch">
        <input type="checkbox" checked={mayAsk} disabled={isBusy} onChange={grant} />
        <span>{name} may ask this machine</span>
      </label>
      <div class="actions">
        <button type="button" aria-expanded={form === "rename"} onClick={toggle("rename")}>
          Rename
        </button>
        <button
          type="button"
          class="danger"
          aria-expanded={form === "unpair"}
          onClick={toggle("unpair")}
        >
          Unpair
        </button>
      </div>
      {form !== null && <Asked form={form} name={name} run={run} />}
      {error !== null && <Failed error={error} />}
    </section>
  );
}

const Unconfirmed = ({ name }: { readonly name: string }) => (
  <div class="unconfirmed">
    <p class="why">It told this name itself. Keep it, or choose another:</p>
    <NameForm name={name} submit="Confirm" done={() => {}} />
  </div>
);

interface AskedParts {
  readonly form: Form;
  readonly name: string;
  readonly run: (work: Promise<Reply<unknown>>) => Promise<void>;
}

const Asked = ({ form, name, run }: AskedParts) =>
  form === "rename" ? (
    <Typed
      key="rename"
      label="Its name on this machine"
      start={name}
      submit="Rename"
      accepts={(text) => isName(text) && text !== name}
      take={(to) => run(call("peers/rename", { name, to }))}
    />
  ) : (
    <Typed
      key="unpair"
      label={`Type ${name} to end the pairing; its records stay`}
      start=""
      submit="Unpair"
      accepts={(text) => text === name}
      take={() => run(unpaired(name))}
    />
  );

async function unpaired(name: string): Promise<Reply<unknown>> {
  const reply = await call("unpair", { name });
  if (reply.ok) opened.value = null;
  return reply;
}
