import { z } from 'zod';
import type { Contradiction } from '../contradiction';
import { mongoCollectionFault, mongoDatabaseFault } from './mongo-names';
import { commonOptions, targetSpec, type TargetSettings, type TargetSpec } from './target-spec';

export interface MongoSettings extends TargetSettings {
  readonly database: string;
  readonly collection: string;
  readonly temporal: 'date' | 'string' | 'default';
  /** `scalar`: the key value, or `v1:v2` text; `document`: a sub-document of the key columns. */
  readonly id: 'scalar' | 'document';
  /** What the server does with documents of another shape than the columns'; never anything in a shared collection. */
  readonly validator: 'off' | 'warn' | 'error';
}

const without = (faultOf: (name: string) => string | null) => (name: string, context: z.RefinementCtx) => {
  const message = faultOf(name);
  if (message !== null) context.addIssue({ code: 'custom', message });
};

export const mongoSpec: TargetSpec<'mongo', MongoSettings> = targetSpec({
  name: 'mongo',
  title: 'MongoDB',
  defaults: {
    ...commonOptions,
    temporal: z.enum(['date', 'string']).optional(),
    id: z.enum(['scalar', 'document']).optional(),
    /** Whether the collection gets a `$jsonSchema` made from the columns, and what the server does with other documents. */
    validator: z.enum(['off', 'warn', 'error']).optional(),
  },
  entry: {
    database: z.string().min(1).superRefine(without(mongoDatabaseFault)).optional(),
    collection: z.string().min(1).superRefine(without(mongoCollectionFault)).optional(),
  },
  settings(said, { database, name }): MongoSettings {
    const shared = said('shared') ?? false;
    return {
      enabled: said('enabled') ?? true,
      shared,
      database: said('database') ?? database,
      collection: said('collection') ?? name,
      temporal: said('temporal') ?? 'default',
      id: said('id') ?? 'scalar',
      // What other pipelines write there has a shape that is not known here.
      validator: shared ? 'off' : (said('validator') ?? 'off'),
    };
  },
  faults({ collection, shared, validator }, { isPattern }) {
    const faults: Contradiction[] = [];
    if (isPattern && collection)
      faults.push({
        path: ['collection'],
        message: 'a pattern cannot send several tables into one collection',
      });
    if (shared && validator && validator !== 'off')
      faults.push({
        path: ['validator'],
        message: 'a shared collection gets no validator: the shape of what others write there is not known',
      });
    return faults;
  },
  placeText: ({ mongo: { database, collection } }) => `${database}.${collection}`,
});
