/** The answer of an ask; text from a foreign session is marked, and shown as plain text. */

import type { Answer, AnswerMany } from "../../../contract/ask.ts";
import { isHidden, notShown } from "../../../contract/text/fact-groups.ts";
import { ago, stateShort, took } from "../../../contract/text/words.ts";
import { gitText, lastKnown } from "../sessions/rows.ts";
import { Fact, Foreign, Mark } from "../ui.tsx";

/** One answer or many. */
export type Asked = Answer | AnswerMany;

/** The answers of an ask. */
export const Answers = ({ asked }: { readonly asked: Asked }) =>
  "answers" in asked ? (
    <>
      <p class="why">
        {asked.asked} asked, {asked.answered} answered
      </p>
      {asked.answers.map((each) => (
        <One key={each.handle} answer={each} />
      ))}
      {asked.errors.map(({ handle, error, last_known }) => (
        <p class="failed" key={handle}>
          <code>{handle}</code> <Foreign text={error.message} />
          <small>
            <Foreign text={error.hint} />
          </small>
          {last_known && (
            <small class="old">
              <Foreign text={lastKnown({ last_known }, 0)} />
            </small>
          )}
        </p>
      ))}
    </>
  ) : (
    <One answer={asked} />
  );

const One = ({ answer }: { readonly answer: Answer }) => (
  <article class="answer">
    <header>
      <h3>{answer.handle}</h3>
      <Mark
        kind={answer.session.state ?? "unknown"}
        text={stateShort(answer.session, answer.hidden)}
      />
    </header>
    <div class="elsewhere">
      <p class="over-title">Written by the session</p>
      {answer.summary === null && isHidden(answer.hidden, "summary") && (
        <p class="why">Summary {notShown}.</p>
      )}
      {answer.summary !== null && (
        <blockquote>
          <Foreign text={answer.summary.text} />
          <small>set {ago(answer.summary.age_ms)}</small>
        </blockquote>
      )}
      <dl>
        <Fact name="Project">
          <Foreign text={answer.project ?? notShown} />
        </Fact>
        {answer.git !== null && (
          <Fact name="Git">
            <Foreign text={gitText({ ...answer.git, hidden: answer.hidden })} />, seen{" "}
            {ago(answer.git.age_ms)}
            {answer.git.subject !== null && (
              <small>
                <Foreign text={answer.git.subject} />
              </small>
            )}
          </Fact>
        )}
      </dl>
    </div>
    <p class="why">
      Facts held by the daemon there, {took(answer.round_trip_ms)}. Thread{" "}
      <code>{answer.thread_id}</code>
    </p>
  </article>
);
