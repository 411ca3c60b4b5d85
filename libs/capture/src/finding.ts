/** Something that preflight has to say; `refuse` forbids the installation. */
export interface Finding {
  readonly level: 'refuse' | 'warn' | 'note';
  /** `database.table`, when it is about one. */
  readonly table?: string;
  /** A sentence that names the thing and the remedy. */
  readonly message: string;
}
