import { format } from 'mysql2';

export interface Statement {
  readonly sql: string;
  /** What LOAD DATA LOCAL reads. */
  readonly infile?: string;
}

/** Statements that belong together, and how often they are chosen beside others. */
export type WeightedMaker = readonly [weight: number, make: () => Statement[]];

export const one = (sql: string, ...values: readonly unknown[]): Statement => ({
  sql: format(sql, values as Parameters<typeof format>[1]),
});
