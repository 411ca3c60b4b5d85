import {
  keyColumns,
  type ChangeEvent,
  type Rejection,
  type RowSchema,
  type WireRow,
} from '@tributary/contract';
import { compileRowValidator, type RowValidator } from '@tributary/schemas';

interface TableRules {
  readonly row: RowValidator;
  readonly key: RowValidator;
}

/** Schema objects live as long as the schema store holds them, and so do their compiled rules. */
const compiled = new WeakMap<RowSchema, TableRules>();

function rulesOf(schema: RowSchema): TableRules {
  let rules = compiled.get(schema);
  if (!rules) {
    rules = {
      row: compileRowValidator(schema),
      key: compileRowValidator({ columns: keyColumns(schema) }),
    };
    compiled.set(schema, rules);
  }
  return rules;
}

/** Both images against the table's columns; of a deleted row there may be the key columns alone. */
export function imageFault(schema: RowSchema, { op, before, after }: ChangeEvent): Rejection | undefined {
  const { row, key } = rulesOf(schema);
  const ofBefore = op === 'd' && before !== null && isKeyAlone(schema, before) ? key : row;
  return (
    (after === null ? undefined : row(after, 'after')) ??
    (before === null ? undefined : ofBefore(before, 'before'))
  );
}

const isKeyAlone = (schema: RowSchema, image: WireRow) =>
  Object.keys(image).length === schema.key.length && schema.key.every((field) => Object.hasOwn(image, field));

/** The key of a delete without an image, which has no row to compare with: it is checked like a row of the key columns. */
export function keyFault(
  schema: RowSchema,
  key: WireRow,
  { op, before, after }: ChangeEvent,
): Rejection | undefined {
  if (op === 't' || after !== null || before !== null) return undefined;
  const fault = rulesOf(schema).key(key, 'key');
  return fault && { code: 'INVALID_KEY', reason: fault.reason };
}
