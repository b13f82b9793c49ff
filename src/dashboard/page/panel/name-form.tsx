/** Asks a person for the name of a machine: the present name is proposed, and Enter confirms it. */

import { useState } from "preact/hooks";
import { call, type Failure } from "../state/server.ts";
import { Failed } from "../ui.tsx";
import { isName, Typed } from "./typed.tsx";

/** The form; `done` is called once the person's name holds. */
export function NameForm({
  name,
  submit,
  done,
}: {
  readonly name: string;
  readonly submit: string;
  readonly done: () => void;
}) {
  const [error, fail] = useState<Failure | null>(null);
  const take = async (to: string): Promise<void> => {
    const reply = await call("peers/rename", { name, to });
    fail(reply.ok ? null : reply.error);
    if (reply.ok) done();
  };
  return (
    <div class="name-form">
      <Typed label="Your name for it" start={name} submit={submit} accepts={isName} take={take} />
      {error !== null && <Failed error={error} />}
    </div>
  );
}
