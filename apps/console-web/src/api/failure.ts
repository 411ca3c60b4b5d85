import type { Problem } from '@tributary/console-api';

/** The console answered, and said that it cannot be done. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

/** The console did not answer. */
export class Away extends Error {}

/** One or two sentences: what is the matter, and what to do. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Away)
    return 'The console does not answer. What you see is what it said last; it is asked again by itself.';
  if (!(error instanceof Refused)) return error instanceof Error ? error.message : String(error);
  const { title, detail, faults = [] } = error.problem;
  const where = faults.map(({ at, message }) => (at ? `${at}: ${message}` : message)).join('; ');
  return [detail || title, where].filter(Boolean).join(' ');
}
