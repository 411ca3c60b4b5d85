/** Of Spark, and of its build for Scala 2.13, the only one of this version. */
export const SPARK_VERSION = '4.2.0';

const spark = (name: string) => `org.apache.spark:${name}_2.13:${SPARK_VERSION}` as const;

/** What a Connect server is made of, as Maven coordinates. */
export const sparkArtifacts = [
  spark('spark-sql'),
  spark('spark-connect'),
  // Ending a session looks for the models that it holds.
  spark('spark-mllib'),
  spark('spark-mllib-local'),
  'com.mysql:mysql-connector-j:9.7.0',
] as const;

/** Their folder in the cache; its `jars` has them, as that of an installation does. */
export const sparkCacheItem = `spark-${SPARK_VERSION}`;
