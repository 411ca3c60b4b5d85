import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { captureStoreOptions } from './capture-data-source';
import { SnapshotJob } from './snapshot-job.entity';

/** Where the capture schema is. */
interface CaptureStore {
  readonly url: string;
  readonly schema: string;
}

type CaptureStoreFactory = Pick<FactoryProvider<CaptureStore>, 'inject' | 'useFactory'>;

/**
 * The repository of snapshot jobs. Its `DataSource` is made and not initialised: a service starts while its servers are
 * away, and who works with the jobs initialises it for as long as it does.
 */
@Module({})
export class CaptureStoreModule {
  static forRootAsync({ inject, useFactory }: CaptureStoreFactory): DynamicModule {
    return {
      module: CaptureStoreModule,
      imports: [
        TypeOrmModule.forRootAsync({
          ...(inject && { inject }),
          useFactory: async (...parts: unknown[]) => {
            const { url, schema } = await useFactory(...parts);
            return { ...captureStoreOptions(url, schema), manualInitialization: true };
          },
        }),
        TypeOrmModule.forFeature([SnapshotJob]),
      ],
      exports: [TypeOrmModule],
    };
  }
}
