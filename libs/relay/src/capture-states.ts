import type { CaptureReport } from '@tributary/capture';
import type { TableStates } from '@tributary/service';

/** The tables that cannot be captured, as the relay's table states have them (R15). */
export class CaptureStates {
  /** By table, the codes that a look at the source has suspended it for. */
  readonly #codes = new Map<string, Set<string>>();

  constructor(private readonly tables: TableStates) {}

  readonly has = (table: string): boolean => this.#codes.has(table);

  /** Suspends what a look found unfit; what is fit again stays suspended until it is lifted. */
  take({ suspended }: Pick<CaptureReport, 'suspended'>): void {
    for (const { table, ...trouble } of suspended) {
      this.tables.suspend(table, trouble);
      this.#codes.set(table, (this.#codes.get(table) ?? new Set()).add(trouble.code));
    }
    const now = new Set(suspended.map(({ table, code }) => `${code} ${table}`));
    for (const [table, codes] of this.#codes)
      for (const code of codes)
        if (codes.size > 1 && !now.has(`${code} ${table}`)) {
          codes.delete(code);
          this.tables.lift(table, code);
        }
  }

  /** Suspended tables that a later look found nothing wrong with. */
  over({ suspended }: Pick<CaptureReport, 'suspended'>): string[] {
    const unfit = new Set(suspended.map(({ table }) => table));
    return [...this.#codes.keys()].filter((table) => !unfit.has(table));
  }

  /** From now on the relay reads and publishes these tables again; they are suspended for others until they are lifted. */
  reopen(tables: readonly string[]): (() => void)[] {
    return tables.map((table) => {
      const codes = this.#codes.get(table) ?? [];
      this.#codes.delete(table);
      return () => {
        for (const code of codes) this.tables.lift(table, code);
      };
    });
  }
}
