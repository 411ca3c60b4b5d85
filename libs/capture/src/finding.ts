import type { FaultCode } from './table-fault';

/** Something that preflight has to say; `refuse` forbids the installation, or that of its table. */
export interface Finding {
  readonly level: 'refuse' | 'warn' | 'note';
  /** `database.table`, when it is about one. */
  readonly table?: string;
  /** Of a refused table. */
  readonly code?: FaultCode;
  /** A sentence that names the thing and the remedy. */
  readonly message: string;
}
