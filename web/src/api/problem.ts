/** Errors as the API tells them: problem details of RFC 9457. */

export interface FieldError {
  pointer: string;
  code: string;
  message: string;
}

export interface Problem {
  status: number;
  code: string;
  detail: string;
  correlation_id: string;
  errors?: FieldError[];
  required?: number;
  available?: number;
  shortfall?: number;
}

/** A call that did not succeed, whether the API refused it or could not be reached. */
export class ApiError extends Error {
  readonly problem: Problem;
  /** Seconds after which the API asks to come back, if it does. */
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** Whether the request may have taken effect: only the same Idempotency-Key may ask again. */
  get isAmbiguous(): boolean {
    return this.problem.status === 0 || this.problem.status >= 500;
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return {
    status: 0,
    code: "unexpected",
    detail: error instanceof Error ? error.message : String(error),
    correlation_id: "",
  };
}

/** The request got no answer: offline, timed out, or cut off half-way. */
export function unreachable(correlationId: string): ApiError {
  return new ApiError({
    status: 0,
    code: "network_unreachable",
    detail: "The service did not answer.",
    correlation_id: correlationId,
  });
}

/** Read the problem out of an answer, also out of one that some proxy made. */
export async function refusal(response: Response, correlationId: string): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  const body: Partial<Problem> = await response.json().catch(() => ({}));
  return new ApiError(
    {
      ...body,
      status: response.status,
      code: body.code ?? "unexpected",
      detail: body.detail ?? response.statusText,
      correlation_id:
        body.correlation_id ?? response.headers.get("X-Correlation-Id") ?? correlationId,
    },
    retryAfter,
  );
}
