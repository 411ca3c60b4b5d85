import type { CliPipeline } from './cli-pipeline';

interface Status {
  places: { target: string; place: string; schema?: string }[];
}
interface Installed {
  collections: { place: string; before: string; now: string; reason?: string }[];
}

/** Validators of the collections, as mongo.validator asks for them. */
export function validators(pipeline: CliPipeline): void {
  const { name, run, cli } = pipeline;
  const place = `${name}.t`;
  const collection = () => pipeline.mongo.getClient().db(name).collection('t');
  const state = async () => {
    const { result } = await run<Status>('targets', 'status');
    return result.places.find((line) => line.target === 'mongo' && line.place === place)?.schema;
  };
  const install = async () => (await run<Installed>('targets', 'install')).result.collections;
  const stranger = () => collection().insertOne({ other: 1 });

  it('are made, follow the columns, and go when no table asks for one', async () => {
    expect([await state(), await install()]).toEqual(['off', [expect.objectContaining({ now: 'off' })]]);
    await pipeline.withSettings(', mongo: { validator: error }', async () => {
      expect(await state()).toBe('missing');
      expect(await install()).toEqual([{ place, tables: [place], before: 'missing', now: 'current' }]);
      await expect(stranger()).rejects.toMatchObject({ code: 121 });
      expect(await install()).toMatchObject([{ before: 'current', now: 'current' }]);
    });
    await pipeline.withSettings(', mongo: { validator: error }, columns: { exclude: [s] }', async () => {
      expect(await state()).toBe('outdated');
      expect((await cli('targets', 'status')).err).toMatch(
        /validator is not that of .*tributary targets install/,
      );
      expect(await install()).toMatchObject([{ before: 'outdated', now: 'current' }]);
    });
    expect(await state()).toBe('left over');
    expect(await install()).toMatchObject([{ before: 'left over', now: 'off' }]);
    const { insertedId } = await stranger();
    await collection().deleteOne({ _id: insertedId });
  });

  it("of somebody else's stay, and install says so with exit code 2", async () => {
    const validate = (validator: object) =>
      pipeline.mongo.getClient().db(name).command({ collMod: 't', validator });
    await validate({ _id: { $exists: true } });
    await pipeline.withSettings(', mongo: { validator: warn }', async () => {
      const { code, result } = await run<Installed>('targets', 'install');
      expect([code, result.collections]).toMatchObject([2, [{ before: 'foreign', now: 'foreign' }]]);
      expect(await state()).toBe('foreign');
    });
    await validate({});
  });
}
