import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectRepository } from '@nestjs/typeorm';
import { createCaptureSchema } from '@tributary/capture';
import { DataSource, type Repository } from 'typeorm';
import { CaptureStoreModule, SnapshotJob } from '../src';
import { flavours, openSource, type Source } from './servers';

@Injectable()
class Jobs {
  constructor(@InjectRepository(SnapshotJob) readonly repository: Repository<SnapshotJob>) {}
}

async function start(url: string, schema: string) {
  @Module({
    imports: [CaptureStoreModule.forRootAsync({ useFactory: () => ({ url, schema }) })],
    providers: [Jobs],
  })
  class Service {}

  const app = await NestFactory.createApplicationContext(Service, { logger: false, abortOnError: false });
  return { app, jobs: app.get(Jobs).repository, source: app.get(DataSource) };
}

it('starts while its server is away', async () => {
  const { app, source } = await start('mysql://nobody@127.0.0.1:9', 'tributary');
  expect(source.isInitialized).toBe(false);
  await app.close();
});

describe.each(flavours)('CaptureStoreModule on %s', (flavour) => {
  let source: Source;
  beforeAll(async () => {
    source = await openSource(flavour);
    await createCaptureSchema(source.relay, source.captureSchema);
  });
  afterAll(() => source.close());

  it('gives the repository of jobs for as long as the data source is initialised, and again', async () => {
    const store = await start(source.url, source.captureSchema);
    await store.source.initialize();
    const { id } = await store.jobs.save({ tableName: 'a.b', createdAt: new Date() });
    await store.source.destroy();
    await expect(store.jobs.findOneBy({ id })).rejects.toThrow();
    await store.source.initialize();
    expect(await store.jobs.findOneBy({ id })).toMatchObject({ tableName: 'a.b', state: 'queued' });
    await store.app.close();
    expect(store.source.isInitialized).toBe(false);
  });
});
