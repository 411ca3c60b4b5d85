import { NO_VERSION } from '@tributary/contract';
import { mongoDocument, mongoId, UnmappableError } from '../../mapping';
import { impossible, nameless, scanDigest } from '../../scan/scan-digest';
import type { ScanRules } from '../../scan/target-scan';
import { documentBytes } from '../document-bytes';
import { idIdentity, idField } from '../view/bson-compare';
import { mongoContent } from './mongo-content';

/** Any time does: the content leaves `_sync` out. */
const NO_TIME = new Date(0);

/** The `_id` of each row's document. */
export const mongoNames: ScanRules['names'] =
  ({ schema, settings }) =>
  ({ keyJson, key }) => {
    try {
      return [{ list: 0, name: idIdentity(idField(mongoId(schema, settings, key))) }];
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return [nameless(keyJson)];
    }
  };

/** The document that each row of a table must have. */
export const mongoExpected: ScanRules['expected'] = (table) => {
  const contentOf = mongoContent(table);
  const namesOf = mongoNames(table);
  return (row) => {
    try {
      const made = mongoDocument(table.schema, table.settings, row.row, NO_VERSION, NO_TIME);
      const { id, pieces } = contentOf(documentBytes(made));
      return [{ list: 0, name: idIdentity(id), digest: scanDigest(...pieces) }];
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return impossible(namesOf(row), error.message);
    }
  };
};
