/** The tab of tasks: those held for a person here first, then running ones, then ended ones. */

import type { ShownTask } from "../../../contract/tasks/local.ts";
import { stateWords } from "../../../contract/tasks/words.ts";
import { ageText } from "../../../contract/text/words.ts";
import { clock, command } from "../state/state.ts";
import { Copyable, Failed, Foreign, steppedThrough } from "../ui.tsx";
import { groups, open, opened, readError, shownId, tasks, whole } from "./read.ts";
import { Task } from "./task.tsx";

/** The tab. */
export const Tasks = () => {
  const { held, goesOn, ended } = groups.value;
  return (
    <main class={opened.value === null ? "split messages" : "split messages opened"} id="main">
      <h1 class="hidden">Tasks</h1>
      <div class="list">
        {readError.value !== null && <Failed error={readError.value} />}
        {tasks.value?.value.length === 0 && <None />}
        <Group name="Held for you" tasks={held} />
        <Group name="Goes on" tasks={goesOn} />
        <Group name="Ended" tasks={ended} />
      </div>
      <aside class="panel talk-panel task" id="panel" tabIndex={-1} aria-label="Task">
        {whole.value !== null && whole.value.value.task.task_id === shownId.value ? (
          <Task key={shownId.value} shown={whole.value} />
        ) : (
          <p class="why">Choose a task, to see what is asked, where it stands and what it made.</p>
        )}
      </aside>
    </main>
  );
};

const None = () => (
  <div class="blank">
    <p class="why">
      No task yet. A task is work that one machine hands to a coding agent of another, in a copy of
      a repository. One begins with:
    </p>
    <Copyable
      text={`${command.value} run MACHINE:REPOSITORY "…"`}
      label="the command that begins a task"
    />
  </div>
);

const Group = ({
  name,
  tasks: some,
}: {
  readonly name: string;
  readonly tasks: readonly ShownTask[];
}) =>
  some.length === 0 ? null : (
    <section class={name === "Held for you" ? "held" : "listed"}>
      <h2 class="over-title">{name}</h2>
      <ol class="lines" aria-label={name} onKeyDown={steppedThrough}>
        {some.map((task) => (
          <Line key={task.direction + task.task_id} task={task} />
        ))}
      </ol>
    </section>
  );

function Line({ task }: { readonly task: ShownTask }) {
  const { task_id, name, direction, peer, repository, profile, round, state_age_ms } = task;
  const isShown = shownId.value === task_id;
  const age = state_age_ms + Math.max(0, clock.value - (tasks.value?.atMs ?? 0));
  return (
    <li>
      <button
        type="button"
        class={isShown ? "talk chosen" : "talk"}
        aria-pressed={isShown}
        onClick={() => open(opened.value === task_id ? null : task_id)}
      >
        <span class="name">
          <Foreign text={name} />
        </span>
        <span class="since">{ageText(age)}</span>
        <span class="text">{stateWords[task.state]}</span>
        <span class="tail">
          {direction === "out" ? `asked of ${peer}` : `${peer} asks`}: {repository}, {profile}
          {round > 1 && `, round ${round}`}
        </span>
      </button>
    </li>
  );
}
