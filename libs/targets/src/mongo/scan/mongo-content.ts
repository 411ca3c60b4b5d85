import { mongoMapper } from '../../mapping';
import type { ViewedTable } from '../../target-view';
import { fieldsOf, type Field } from '../view/bson-compare';
import { fieldBytes, rawIdField, rawNames } from '../view/raw-document';

/** A document's `_id`, and the bytes of all its fields but `_sync`. */
interface Content {
  readonly id: Field;
  readonly pieces: readonly Uint8Array[];
}

/**
 * Reads documents of a table: equal bytes are equal documents, whatever the order of their fields, as an exact comparison has it.
 * Those that the sink has written stand in the order of the columns, and are not taken apart.
 */
export function mongoContent({ schema, settings }: ViewedTable): (document: Buffer) => Content {
  const names = ['_id', ...mongoMapper(schema, settings).fields.filter((name) => name !== '_id')];
  const raw = rawNames(names);
  const place = new Map(names.map((name, at) => [name, at]));
  const placeOf = (name: string) => place.get(name) ?? names.length;
  return (document) => {
    const bytes = fieldBytes(document, raw);
    if (bytes) return { id: rawIdField(document)!, pieces: [bytes] };
    const fields = fieldsOf(document);
    const id = fields.get('_id')!;
    fields.delete('_sync');
    const ordered = [...fields].sort(([a], [b]) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
    return {
      id,
      pieces: ordered.flatMap(([name, { type, bytes }]) => [Buffer.from([type]), ...rawNames([name]), bytes]),
    };
  };
}
