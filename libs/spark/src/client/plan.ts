import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PlanSchema } from '../proto/spark/connect/base_pb';

export type Plan = MessageInitShape<typeof PlanSchema>;

const relation = (query: string) => ({
  common: { origin: undefined },
  relType: { case: 'sql' as const, value: { query } },
});

/** Runs a statement; a command (CREATE, INSERT, ...) runs too, and gives no rows. */
export const statementPlan = (query: string): Plan => ({
  opType: { case: 'root', value: relation(query) },
});

/** Makes, or replaces, a temporary view of the session. */
export const viewPlan = (name: string, query: string): Plan => ({
  opType: {
    case: 'command',
    value: {
      commandType: {
        case: 'createDataframeView',
        value: { input: relation(query), name, isGlobal: false, replace: true },
      },
    },
  },
});
