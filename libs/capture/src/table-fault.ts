/** What keeps one table, or one entry of the sync file, from being captured (R15). */
export interface TableFault {
  /** `database.table`, or the entry's pattern. */
  readonly table: string;
  /** Upper case, stable; docs/operations.md lists all. */
  readonly code: FaultCode;
  /** A sentence that names the thing and the remedy. */
  readonly message: string;
}

export type FaultCode =
  | 'NO_KEY'
  | 'KEY_COLUMN'
  | 'UNKNOWN_COLUMN'
  | 'UNKNOWN_TYPE'
  | 'FIELD_NAMES'
  | 'MISSING'
  | 'NOT_A_TABLE'
  | 'ENGINE'
  | 'RIGHTS'
  | 'ROW_FILTER'
  | 'CASCADES'
  | 'UNFIT';

/** A table that is left out, for people: what is wrong and what to do, a sentence each. */
export interface Suspension {
  readonly table: string;
  readonly code: FaultCode;
  readonly reason: string;
  readonly remedy: string;
}

/** A match of a pattern that holds no rows of its own, or that the sync file leaves out. */
export interface SkippedTable {
  readonly table: string;
  readonly code: 'EXCLUDED' | 'VIEW' | 'SEQUENCE' | 'TEMPORARY' | 'NAME';
  readonly reason: string;
}

/** Messages are of the form `reason: remedy.` or `Reason. Remedy.` */
export function suspensionOf({ table, code, message }: TableFault): Suspension {
  const [, reason = message, remedy = 'see docs/operations.md'] =
    /^(.*[^.])\. ([A-Z][^.]*\.?)$/s.exec(message) ?? /^(.*?): (.*)$/s.exec(message) ?? [];
  const stopped = (text: string) => `${text.replace(/\.$/, '')}.`;
  return {
    ...{ table, code, reason: stopped(reason) },
    remedy: stopped(remedy.charAt(0).toUpperCase() + remedy.slice(1)),
  };
}
