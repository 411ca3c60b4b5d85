import type { z } from 'zod';
import { auditEndpoints } from './audit';
import { deadLetterEndpoints } from './dead-letters';
import { fleetEndpoints } from './fleet';
import { overviewEndpoints } from './overview';
import { rowEndpoints } from './rows';
import { sessionEndpoints } from './session';
import { snapshotEndpoints } from './snapshots';
import { tableEndpoints } from './tables';
import { verificationEndpoints } from './verifications';

/** Every call of the REST API by the name of its operation: what the server, its description and its clients are made of. */
export const endpoints = {
  ...sessionEndpoints,
  ...overviewEndpoints,
  ...tableEndpoints,
  ...rowEndpoints,
  ...snapshotEndpoints,
  ...verificationEndpoints,
  ...deadLetterEndpoints,
  ...fleetEndpoints,
  ...auditEndpoints,
} as const;

export type Endpoints = typeof endpoints;
export type Operation = keyof Endpoints;

type Part<O extends Operation, P extends string, How extends 'input' | 'output'> = Endpoints[O] extends {
  readonly [K in P]: infer S extends z.ZodType;
}
  ? How extends 'input'
    ? z.input<S>
    : z.output<S>
  : undefined;

/** What a client sends, and what the server makes of it. */
export type ParamsOf<O extends Operation> = Part<O, 'params', 'output'>;
export type QueryOf<O extends Operation> = Part<O, 'query', 'output'>;
export type QueryInputOf<O extends Operation> = Part<O, 'query', 'input'>;
export type BodyOf<O extends Operation> = Part<O, 'body', 'output'>;
export type BodyInputOf<O extends Operation> = Part<O, 'body', 'input'>;
export type AnswerOf<O extends Operation> = Part<O, 'answer', 'output'>;
