import { useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "../../api/problem";
import { archiveWorkflow } from "../../api/resources";
import { messages } from "../../i18n/language";
import { navigate } from "../../routing/router";
import { Button } from "../../ui/button";
import { announce } from "../../ui/live-region";
import { ProblemNotice } from "../../ui/problem-notice";

/** Archives a workflow, after asking. */
export function ArchiveButton({ id }: { id: string }) {
  const t = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const archive = async () => {
    try {
      await archiveWorkflow(id);
      announce(t.workflows.archived);
      navigate("/workflows");
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <>
      <Button kind="quiet" onClick={() => dialog.current?.showModal()}>
        {t.workflows.archive}
      </Button>
      <dialog ref={dialog} aria-labelledby="archive-question">
        <p id="archive-question">{t.workflows.archiveQuestion}</p>
        <ProblemNotice problem={problem} />
        <div class="actions">
          <Button onClick={() => dialog.current?.close()}>{t.actions.cancel}</Button>
          <Button kind="danger" onClick={archive}>
            {t.workflows.archiveConfirm}
          </Button>
        </div>
      </dialog>
    </>
  );
}
