import { keyColumns, rowKeyText } from '@tributary/contract';
import { redisKeyOf, redisMapper, UnmappableError, type RedisText } from '../../mapping';
import { impossible, nameless } from '../../scan/scan-digest';
import type { EntryName, ScanRules } from '../../scan/target-scan';
import type { ViewedRow, ViewedTable } from '../../target-view';
import { expectedDigest, sha1 } from '../view/redis-digest';
import { redisLists } from '../view/redis-view';
import { keyDigest, nameDigest } from './entry-digest';

/** The member of the index set and the key of each row. */
export const redisNames: ScanRules['names'] = ({ schema, settings }) => {
  const columns = keyColumns(schema);
  const keyOf = redisKeyOf(schema, settings);
  return ({ keyJson, key: wireKey }): readonly EntryName[] => {
    try {
      const { key, member } = keyOf(wireKey, rowKeyText(columns, wireKey));
      return [
        { list: redisLists.index, name: member },
        { list: redisLists.keys, name: key },
      ];
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return [nameless(keyJson)];
    }
  };
};

/** The member of the index set and the keys that each row of a table must have. */
export const redisExpected: ScanRules['expected'] = (table) => {
  const namesOf = redisNames(table);
  const digestsOf = table.settings.redis.as === 'fields' ? fieldDigests(table) : rowDigest(table);
  return (row) => {
    const [member, key] = namesOf(row);
    if (!key) return impossible([member!], 'no key');
    try {
      return [
        { ...member!, digest: nameDigest(member!.name) },
        ...digestsOf(key.name, row.row).map((digest) => ({ ...key, digest })),
      ];
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return impossible([member!, key], error.message);
    }
  };
};

/** Digests of what stands at a row's key, or at each of its keys. */
type DigestsOf = (key: string, row: ViewedRow['row']) => readonly Buffer[];

const rowDigest =
  ({ schema, settings }: ViewedTable): DigestsOf =>
  (key, row) => [keyDigest(key, expectedDigest(schema, settings, row))];

/** A key for each column, and one of the version. */
function fieldDigests({ schema, settings }: ViewedTable): DigestsOf {
  const mapper = redisMapper(schema, settings);
  return (key, row) => {
    const values: RedisText[] = [];
    const mask = mapper.values(row, values);
    const present = mapper.names.filter((_name, at) => mask[at] === '1');
    return [
      ...present.map((name, at) => keyDigest(`${key}:${name}`, sha1([values[at]!]))),
      nameDigest(`${key}:_v`),
    ];
  };
}
