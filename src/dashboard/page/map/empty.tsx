/** The next step when something is missing, as a command to copy. */

import { dialog } from "../state/selection.ts";
import { command, machine, own, peers } from "../state/state.ts";
import { Copyable } from "../ui.tsx";

/** The first missing thing, with its command; empty when nothing is missing. */
export function Empty() {
  const here = machine.value;
  if (here === null) return null;
  const isAlone = here.listen.every((address) => /^(127\.|\[::1\])/.test(address));
  return (
    <>
      {isAlone && peers.value.length === 0 && <NoListener />}
      {peers.value.length === 0 && <NoPeers />}
      {own.value.length === 0 && <NoHandles />}
    </>
  );
}

const NoPeers = () => (
  <section class="teach">
    <h3>No machine is paired yet</h3>
    <p>
      Pairing lets another of your machines ask what is going on here. Run this on both, or{" "}
      <button
        type="button"
        class="link"
        onClick={() => {
          dialog.value = "pair";
        }}
      >
        pair from this page
      </button>
      .
    </p>
    <Copyable text="peernet pair" label="the command that pairs" />
  </section>
);

const NoHandles = () => (
  <section class="teach">
    <h3>No session has a handle here</h3>
    <p>A handle is what others ask. In a repository, give your shell or session one:</p>
    <Copyable text="peernet activate" label="the command that activates" />
  </section>
);

const NoListener = () => (
  <section class="teach">
    <h3>Other machines cannot reach this one</h3>
    <p>It listens on {machine.value?.listen.join(", ") || "nothing"}. Choose who may reach it:</p>
    <Copyable text="peernet setup" label="the command that sets up" />
  </section>
);

/** The page's only content when the session is over. */
export const NoSession = ({ why }: { readonly why: string }) => (
  <main class="alone">
    <svg width="72" height="72" viewBox="0 0 72 72" aria-hidden="true">
      <circle class="ring" cx="36" cy="36" r="32" />
      <circle class="ring" cx="36" cy="36" r="20" />
      <circle class="mute" cx="36" cy="36" r="7" />
    </svg>
    <h1>{why}</h1>
    <p>
      A link opens one tab, once; reloads and copies of that tab go on while peernet dashboard runs.
      For a new link, press Enter where it was printed, or run it again:
    </p>
    <Copyable text={`${command.value} dashboard`} label="the command that opens the dashboard" />
  </main>
);
