export type { SparkAddress } from './address';
export { openSpark } from './open-spark';
export type { SparkSession } from './session';
export type { Row, StatementOptions, StatementProgress } from './statement';
export { transformRows, transformSql } from './transform-sql';
