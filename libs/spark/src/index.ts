export type { SparkAddress } from './address';
export { leashedOutput } from './leashed-output';
export { openSpark } from './open-spark';
export { SPARK_VERSION, sparkArtifacts, sparkCacheItem } from './server/artifacts';
export {
  connectServerArguments,
  propertiesText,
  serverConf,
  serverVariables,
  sparkJvmArguments,
} from './server/jvm-arguments';
export { SparkSession } from './session';
export type { Row, StatementOptions, StatementProgress } from './statement';
export { transformRows, transformSql } from './transform-sql';
