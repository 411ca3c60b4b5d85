import type { SyncConfig } from '@tributary/sync-config';
import type { Redactor } from './redactor';

/** The sync file as it is understood, patterns as they stand; of conditions only that there is one. */
export function shownConfig(config: SyncConfig, redactor: Redactor) {
  const { hash, topics, partitions, compression, captureSchema, chunkMs, canarySeconds, excludedPatterns } =
    config;
  const tables = config.tablePatterns.flatMap((pattern) => {
    const settings = config.table(pattern);
    if (!settings) return [];
    if (settings.where !== null) redactor.addCondition(settings.where);
    return [{ ...settings, where: settings.where === null ? null : '[redacted]' }];
  });
  return {
    hash,
    topics,
    partitions,
    compression,
    captureSchema,
    chunkMs,
    canarySeconds,
    tables,
    excluded: excludedPatterns,
  };
}
