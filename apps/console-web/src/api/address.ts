import type { Operation } from '@tributary/console-api';
import { calls } from './calls';

export interface AnyInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Path and query of a call. A list in the query becomes several parameters of one name; `undefined` is left out. */
export function addressOf(operation: Operation, { params = {}, query = {} }: AnyInput): string {
  const path = calls[operation][1].replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) search.append(name, String(one));
  return `/api/v1/${path}${search.size ? `?${search}` : ''}`;
}
