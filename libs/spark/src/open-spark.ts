import { fatal } from '@tributary/kernel';
import type { SparkAddress } from './address';
import type { SparkSession } from './session';

/** Throws a SyncError of one sentence: nobody listens, not a Spark Connect server, Java or jars missing and how to get them. */
export function openSpark(_address: SparkAddress): Promise<SparkSession> {
  return Promise.reject(fatal('SPARK', 'The Spark client is not built yet.'));
}
