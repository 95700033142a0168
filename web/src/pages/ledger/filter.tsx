import type { Query } from "../../api/resources";
import { ENTRY_TYPES } from "../../api/types";
import { Field } from "../../forms/field";
import { messages } from "../../i18n/language";

export interface Filter {
  type: string;
  /** Days of the person's calendar, such as 2026-11-30; both included. */
  from: string;
  to: string;
}

export const NO_FILTER: Filter = { type: "", from: "", to: "" };

/** A filter as the API takes it: from the first moment, to before the day after. */
export function queryOf({ type, from, to }: Filter): Query {
  return { type, from: startOf(from, 0), to: startOf(to, 1) };
}

function startOf(day: string, daysLater: number): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + daysLater).toISOString();
}

interface FilterBarProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
}

export function FilterBar({ filter, onChange }: FilterBarProps) {
  const t = messages.value.ledger;
  return (
    <search class="filter-bar">
      <Field label={t.type}>
        {(ids) => (
          <select
            {...ids}
            name="type"
            value={filter.type}
            onChange={(event) => onChange({ ...filter, type: event.currentTarget.value })}
          >
            <option value="">{t.all}</option>
            {ENTRY_TYPES.map((it) => (
              <option key={it} value={it}>
                {t.types[it]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {(["from", "to"] as const).map((end) => (
        <Field key={end} label={t[end]}>
          {(ids) => (
            <input
              {...ids}
              name={end}
              type="date"
              value={filter[end]}
              onChange={(event) => onChange({ ...filter, [end]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
    </search>
  );
}
