/** One task: what is asked, what would run, where it stands, what was measured, and its acts. */

import { refusalLines } from "../../../contract/tasks/gates.ts";
import type { TaskOutput } from "../../../contract/tasks/local.ts";
import type { TaskDocument } from "../../../contract/tasks/task.ts";
import {
  claimText,
  endText,
  isOpen,
  limitsText,
  measuredParts,
  networkText,
  stateText,
} from "../../../contract/tasks/words.ts";
import { ago } from "../../../contract/text/words.ts";
import { clock } from "../state/state.ts";
import { Copyable, Fact, Foreign } from "../ui.tsx";
import { Acts } from "./acts.tsx";
import { Lines } from "./lines.tsx";
import { Output } from "./output.tsx";
import { isHeld, open, type ReadAt } from "./read.ts";

/** The task beside the list. */
export function Task({ shown }: { readonly shown: ReadAt<TaskOutput> }) {
  const { task } = shown.value;
  // An approval stands below what it binds.
  const acts = <Acts key={task.state} shown={shown.value} />;
  const passed = Math.max(0, clock.value - shown.atMs);
  return (
    <>
      <Head task={task} />
      <div class="exchange">
        <p role="status">
          <b>
            <Foreign text={stateText(task)} />
          </b>{" "}
          <small>
            {task.direction === "out" ? "known " : ""}
            {ago(task.state_age_ms + passed)}
          </small>
        </p>
        <Refused of={shown.value} />
        {!isHeld(task) && acts}
        <Asked of={shown.value} />
        <Decided of={shown.value} />
        {isHeld(task) && acts}
        <Ended of={shown.value} />
        {!["submitted", "held", "accepted", "refused", "expired"].includes(task.state) && (
          <Output task={task} />
        )}
        <States of={shown.value} passedMs={passed} />
      </div>
    </>
  );
}

const Head = ({ task }: Pick<TaskOutput, "task">) => (
  <header>
    <p class="over-title">
      {task.direction === "out"
        ? `Asked of ${task.peer} by this machine`
        : `Runs here for ${task.peer}`}
    </p>
    <h2>
      <Foreign text={task.name} />
    </h2>
    <button type="button" class="close" aria-label="Back to the list" onClick={() => open(null)}>
      ×
    </button>
  </header>
);

interface Stated {
  readonly of: TaskOutput;
  readonly passedMs: number;
}

const States = ({ of: { task, states }, passedMs }: Stated) => (
  <details>
    <summary>States</summary>
    <ol>
      {states.map(({ round, state, reason, age_ms }, index) => (
        <li key={index}>
          <small>
            round {round}, {ago(age_ms + passedMs)}:
          </small>{" "}
          <Foreign text={stateText({ ...task, state, reason })} />
        </li>
      ))}
    </ol>
  </details>
);

const Refused = ({ of }: { readonly of: TaskOutput }) =>
  (refusalLines(of.task) ?? []).map((line) => (
    <p class="failed" key={line}>
      <Foreign text={line} />
    </p>
  ));

/** The document, which the daemon validated as it came; null where it has none any more. */
function documentOf({ document }: TaskOutput): TaskDocument | null {
  try {
    // The daemon's own copy: its schema was checked there.
    return JSON.parse(document) as TaskDocument;
  } catch {
    return null;
  }
}

function Asked({ of }: { readonly of: TaskOutput }) {
  const { prompt = null } = documentOf(of) ?? {};
  const { handle, person } = of.task.asked_by;
  const who = person ? "a person" : "a session";
  return (
    <section>
      <dl>
        <Fact name="asked by">
          <Foreign text={handle === null ? who : `${handle}, ${who}`} />
        </Fact>
        <Fact name="round">{of.task.round}</Fact>
        <Fact name="for">
          <Foreign text={of.task.repository} />
        </Fact>
        <Fact name="profile">{of.task.profile}</Fact>
      </dl>
      <h3>
        {prompt === null ? "No prompt: a fixed command, or removed" : "The whole prompt, as data"}
      </h3>
      {prompt !== null && <Lines text={prompt} label="The whole prompt" />}
    </section>
  );
}

/** Everything that an approval binds beside the document. */
function Decided({ of: { decision } }: { readonly of: TaskOutput }) {
  if (decision === null) return null;
  const { kind, path, base, program, rules } = decision;
  return (
    <section>
      <h3>The run here</h3>
      <dl>
        <Fact name={kind}>{path}</Fact>
        <Fact name="commit">{base}</Fact>
        <Fact name="runner">
          {program.runner === null
            ? "none: a command of the policy"
            : `${program.runner} ${program.version ?? ""}`}
        </Fact>
        <Fact name="program">
          {program.path} sha256:{program.sha256.slice(0, 12)}…
        </Fact>
        <Fact name="words">
          <Foreign text={program.argv.join(" ")} />
        </Fact>
        <Fact name="limits">{limitsText(decision)}</Fact>
        <Fact name="network">{networkText(decision)}</Fact>
        <Fact name="rules">{rules.join(", ")}</Fact>
      </dl>
    </section>
  );
}

function Ended({ of: { task, result, ref, root, home } }: { readonly of: TaskOutput }) {
  if (result === null) return null;
  const claim = claimText(result.claims);
  return (
    <section>
      <h3>
        Round {result.round}: <Foreign text={endText(result)} />
      </h3>
      <dl>
        <Fact name="measured">
          <Foreign text={measuredParts(result.measured).join(" · ")} />
        </Fact>
        <Fact name="claims">
          {claim === null ? "nothing" : <Lines text={claim} label="Claims of the runner" />}
        </Fact>
        <Fact name="in">{root}</Fact>
      </dl>
      {ref !== null && (
        <>
          <Copyable text={`git diff HEAD...${ref}`} label="the command that shows the changes" />
          <Copyable text={`git merge ${ref}`} label="the command that merges them" />
        </>
      )}
      {home !== null && !isOpen(task.state) && (
        <p class="failed">
          <Foreign text={`its commit is not here: ${home.says}`} />
          <small>
            <Foreign text={home.fix} />
          </small>
        </p>
      )}
    </section>
  );
}
