import { STATUS_CODES } from 'node:http';
import type { Problem } from '@tributary/console-api';

type Fault = NonNullable<Problem['faults']>[number];

/** Ends a call with `application/problem+json`. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    /** Upper case, stable. */
    readonly code: string,
    /** What, where, and what to do next. */
    readonly detail: string,
    readonly faults?: readonly Fault[],
    /** Further headers of the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'ApiProblem';
  }

  get body(): Problem {
    return {
      type: `urn:tributary:problem:${this.code}`,
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      ...(this.faults && { faults: [...this.faults] }),
    };
  }
}
