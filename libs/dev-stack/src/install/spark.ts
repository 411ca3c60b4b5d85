import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { SPARK_VERSION, sparkArtifacts, sparkCacheItem } from '@tributary/spark';
import { cached, type Say } from './cached';
import { copyWithDependencies } from './maven';

/** A folder as SPARK_HOME may name it: the jars of Spark are in its `jars`. */
export const installedSpark = (say: Say) =>
  cached(sparkCacheItem, say, async (draft) => {
    say(`fetching Spark ${SPARK_VERSION} from Maven (300 MB, once)`);
    await copyWithDependencies(draft, sparkArtifacts);
    renameSync(join(draft, 'libs'), join(draft, 'jars'));
  });
