import { Inject, Injectable } from '@nestjs/common';
import {
  captureLines,
  deadLetterMark,
  groupDeadLetters,
  lastVerified,
  listVerifications,
  pipelineStatus,
  type CaptureLine,
  type DeadLetterGroups,
  type OperationContext,
} from '@tributary/operations';
import { sinkApp } from '@tributary/sync-config';
import { UseCases } from '../operations/use-cases';
import { newestSnapshots } from '../snapshots/newest-snapshots';
import type { Sample } from './sample';

const CAPTURE_MS = 15_000;

/** Looks at the whole pipeline, once for all who want to know. */
@Injectable()
export class Sampler {
  #captured: { readonly at: number; readonly lines: readonly CaptureLine[] } | undefined;
  #known: { readonly mark: string; readonly deadLetters: DeadLetterGroups } | undefined;

  constructor(@Inject(UseCases) private readonly useCases: UseCases) {}

  /** `closely`: somebody watches, so also what takes connections of its own. */
  take(closely: boolean): Promise<Sample> {
    return this.useCases.own(async (operation) => {
      const [status, deadLetters, snapshots, verifications, verified, capture] = await Promise.all([
        pipelineStatus(operation, { deadLetters: false }),
        this.#deadLetters(operation).catch(() => null),
        closely ? newestSnapshots(operation).catch(() => null) : null,
        closely ? listVerifications(operation).catch(() => null) : null,
        lastVerified(operation).catch(() => []),
        this.#capture(operation).catch(() => null),
      ]);
      return {
        status,
        stages: stagesOf(operation),
        deadLetters,
        snapshots,
        verifications,
        lastVerified: verified,
        capture,
      };
    });
  }

  /** Every trigger is read for it, so not at each look. */
  async #capture(operation: OperationContext): Promise<readonly CaptureLine[]> {
    const now = performance.now();
    if (!this.#captured || now - this.#captured.at > CAPTURE_MS)
      this.#captured = { at: now, lines: await captureLines(operation, {}) };
    return this.#captured.lines;
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
