import { Inject, Injectable } from '@nestjs/common';
import {
  deadLetterMark,
  groupDeadLetters,
  lastVerified,
  listVerifications,
  pipelineStatus,
  type DeadLetterGroups,
  type OperationContext,
} from '@tributary/operations';
import { sinkApp } from '@tributary/sync-config';
import { UseCases } from '../operations/use-cases';
import { newestSnapshots } from '../snapshots/newest-snapshots';
import type { Sample } from './sample';

/** Longer than a person waits for a command: a server that is slow is not away. */
const BUDGET_MS = 5_000;

/** Looks at the whole pipeline, once for all who want to know. */
@Injectable()
export class Sampler {
  #known: { readonly mark: string; readonly deadLetters: DeadLetterGroups } | undefined;

  constructor(@Inject(UseCases) private readonly useCases: UseCases) {}

  /** `closely`: somebody watches, so also what takes connections of its own. */
  take(closely: boolean): Promise<Sample> {
    return this.useCases.run(async (operation) => {
      const [status, deadLetters, snapshots, verifications, verified] = await Promise.all([
        pipelineStatus(operation, { deadLetters: false, budgetMs: BUDGET_MS }),
        this.#deadLetters(operation).catch(() => null),
        closely ? newestSnapshots(operation).catch(() => null) : null,
        closely ? listVerifications(operation).catch(() => null) : null,
        lastVerified(operation).catch(() => []),
      ]);
      return {
        status,
        stages: stagesOf(operation),
        deadLetters,
        snapshots,
        verifications,
        lastVerified: verified,
      };
    });
  }

  /** Read anew only when their topic has grown. */
  async #deadLetters(operation: OperationContext): Promise<DeadLetterGroups> {
    const mark = await deadLetterMark(operation);
    if (this.#known?.mark !== mark) this.#known = { mark, deadLetters: await groupDeadLetters(operation) };
    return this.#known.deadLetters;
  }
}

const stagesOf = ({ servers }: OperationContext): string[] => [
  ...['trigger-relay', 'validator'],
  ...servers.config.targets.map(({ name }) => sinkApp(name)),
];
