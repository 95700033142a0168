import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem";
import { messages } from "../i18n/language";
import { Button } from "./button";
import { CopyButton } from "./copy-button";
import { Icon } from "./icon";

interface ProblemNoticeProps {
  problem: Problem | null;
  /** Offered when the same thing may work a second time. */
  onRetry?: () => void;
  children?: ComponentChildren;
}

/** What went wrong, in words, with the reference that support asks for. */
export function ProblemNotice({ problem, onRetry, children }: ProblemNoticeProps) {
  if (!problem) return null;
  const t = messages.value;
  const isTemporary = problem.status === 0 || problem.status === 429 || problem.status >= 500;
  return (
    <div class="notice notice-problem" role="alert">
      <Icon name="alert" />
      <div class="notice-body">
        <p>{t.problems.codes[problem.code] ?? problem.detail}</p>
        {children}
        {onRetry && isTemporary && <Button onClick={onRetry}>{t.actions.retry}</Button>}
        {problem.correlation_id && <Correlation id={problem.correlation_id} />}
      </div>
    </div>
  );
}

function Correlation({ id }: { id: string }) {
  const t = messages.value.problems;
  return (
    <p class="correlation">
      <span>{t.correlation}</span> <code>{id}</code>
      <CopyButton text={id} label={t.copyReference} />
    </p>
  );
}
