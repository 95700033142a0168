import type { Problem } from "../api/problem";

export type FieldErrors = Record<string, string>;

/**
 * The API's findings by field.
 *
 * @param problem a refusal
 * @param prefix the JSON pointer of the object that the fields are in, such as `/parameters`
 */
export function serverErrors(problem: Problem | null, prefix = ""): FieldErrors {
  const errors: FieldErrors = {};
  for (const { pointer, message } of problem?.errors ?? []) {
    const name = pointer.startsWith(`${prefix}/`)
      ? pointer.slice(prefix.length + 1).split("/")[0]
      : "";
    if (name) errors[name] ??= message;
  }
  return errors;
}
