import type { TablePlan } from '@tributary/capture';
import { rowSchema, type RowSchema } from '@tributary/contract';
import type { RecordSender } from '@tributary/transport';
import { snapshotRecorder } from './snapshot-recorder';
import { SchemaEncoders } from './schema-encoders';

const schemaOf = (table: string) => {
  const id = {
    name: 'id',
    field: 'id',
    kind: 'int',
    sourceKind: 'int',
    sqlType: 'int',
    nullable: false,
  } as const;
  return rowSchema({ table, key: ['id'], columns: [id] });
};

describe('SchemaEncoders', () => {
  const [known, fresh] = [schemaOf('d.known'), schemaOf('d.fresh')];
  let published: RowSchema[];
  let answer: Promise<void>;
  const store = {
    get: (fingerprint: string) => (fingerprint === known.fingerprint ? known : undefined),
    publish: async (_: RecordSender, schema: RowSchema) => {
      published.push(schema);
      await answer;
    },
  };
  const shapesOf = () => {
    [published, answer] = [[], Promise.resolve()];
    const shapes: Record<number, RowSchema> = { 1: known, 2: fresh };
    return new SchemaEncoders(async (id) => shapes[id], store, { send: async () => undefined }, 'p', 1);
  };

  it('says nothing of an encoder that is asked for, and publishes what its topic lacks once', async () => {
    const shapes = shapesOf();
    expect([(await shapes.encoder(1))?.schema, shapes.hasUnpublished]).toEqual([known, false]);
    expect([(await shapes.encoder(2))?.schema, shapes.hasUnpublished]).toEqual([fresh, true]);
    expect([shapes.encoderOf(fresh) === (await shapes.encoder(2)), published]).toEqual([true, []]);
    await shapes.publishSchemas();
    expect([published, shapes.hasUnpublished]).toEqual([[fresh], false]);
    await shapes.publishSchemas();
    expect([published, await shapes.encoder(3)]).toEqual([[fresh], undefined]);
  });

  it('R11: holds a schema for unpublished until Kafka has it', async () => {
    const shapes = shapesOf();
    shapes.encoderOf(fresh);
    answer = Promise.reject(new Error('away'));
    await expect(shapes.publishSchemas()).rejects.toThrow('away');
    expect(shapes.hasUnpublished).toBe(true);
  });

  it('R11: a load makes no record before the schema of its table is there', async () => {
    const shapes = shapesOf();
    const record = await snapshotRecorder(shapes, { schema: fresh } as TablePlan);
    expect(published).toEqual([fresh]);
    expect(record({ key: '{"id":1}', image: '{"id":1}' }, 7n).headers).toMatchObject({
      schema: fresh.fingerprint,
    });
  });
});
