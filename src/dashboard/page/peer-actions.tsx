/** What a person may do about a peer: rename it, set what it may do, end the pairing. */

import { useState } from "preact/hooks";
import type { Peer } from "../../contract/peer.ts";
import { Failed } from "./parts.tsx";
import { opened } from "./selection.ts";
import { call, type Failure } from "./session.ts";

/** The actions of one peer. */
export function PeerActions({ peer }: { readonly peer: Peer }) {
  const [form, show] = useState<"rename" | "unpair" | null>(null);
  const [error, fail] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (work: () => Promise<{ ok: true } | { ok: false; error: Failure }>) => {
    setBusy(true);
    const reply = await work();
    setBusy(false);
    fail(reply.ok ? null : reply.error);
    if (reply.ok) show(null);
  };
  const mayAsk = peer.grants.theirs.includes("ask");
  return (
    <section class="peer-actions">
      <label class="switch">
        <input
          type="checkbox"
          checked={mayAsk}
          disabled={isBusy}
          onChange={() =>
            void run(() => call("peers/grant", { name: peer.name, scopes: mayAsk ? [] : ["ask"] }))
          }
        />
        <span>{peer.name} may ask this machine</span>
      </label>
      <div class="actions">
        <button type="button" onClick={() => show(form === "rename" ? null : "rename")}>
          Rename
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => show(form === "unpair" ? null : "unpair")}
        >
          Unpair
        </button>
      </div>
      {form === "rename" && (
        <Typed
          label="Its name on this machine"
          start={peer.name}
          submit="Rename"
          accepts={(text) => /^[a-z0-9][a-z0-9-]{0,30}$/.test(text) && text !== peer.name}
          take={(to) => run(() => call("peers/rename", { name: peer.name, to }))}
        />
      )}
      {form === "unpair" && (
        <Typed
          label={`Type ${peer.name} to end the pairing; its records stay`}
          start=""
          submit="Unpair"
          accepts={(text) => text === peer.name}
          take={() =>
            run(async () => {
              const reply = await call("unpair", { name: peer.name });
              if (reply.ok) opened.value = null;
              return reply;
            })
          }
        />
      )}
      {error !== null && <Failed error={error} />}
    </section>
  );
}

function Typed({
  label,
  start,
  submit,
  accepts,
  take,
}: {
  readonly label: string;
  readonly start: string;
  readonly submit: string;
  readonly accepts: (text: string) => boolean;
  readonly take: (text: string) => Promise<void>;
}) {
  const [text, type] = useState(start);
  return (
    <form
      class="typed"
      onSubmit={(event) => {
        event.preventDefault();
        if (accepts(text)) void take(text);
      }}
    >
      <label>
        {label}
        <input
          value={text}
          maxLength={31}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={!accepts(text)}>
        {submit}
      </button>
    </form>
  );
}
