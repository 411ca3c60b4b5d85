import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { errorText, pause } from '@tributary/kernel';
import { Verification, type VerificationInput } from '@tributary/operations';
import { LOGGER, type Logger } from '@tributary/service';
import { ApiProblem } from '../http/api-problem';
import { UseCases } from '../operations/use-cases';

/** Each holds connections, and reads the source and the targets as fast as they answer. */
const SIDE_BY_SIDE = 2;
/** How long a run may take to have its record. */
const BEGIN_MS = 15_000;

/** As `tributary verify` does it where nothing else is said. */
const usual = { parallel: 2, repairRate: 1_000, patienceMs: 20_000, examples: 20 } as const;

type Asked = Pick<VerificationInput, 'table' | 'target' | 'sample' | 'rate' | 'repair' | 'by'>;

/** The verifications that this process runs; what they do and find stands in the capture schema. */
@Injectable()
export class VerificationRuns implements OnModuleDestroy {
  readonly #running = new Map<AbortController, Promise<unknown>>();

  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Begins one; answers the id of its record. Throws a problem 429 when enough run, and what kept it from beginning. */
  async begin(asked: Asked): Promise<string> {
    if (this.#running.size >= SIDE_BY_SIDE)
      throw new ApiProblem(
        429,
        'TOO_MANY_VERIFICATIONS',
        `${SIDE_BY_SIDE} verifications run already in this console: wait for one, or cancel it.`,
        undefined,
        { 'retry-after': '30' },
      );
    const stop = new AbortController();
    let onStart!: (id: string) => void;
    const recorded = new Promise<string>((resolve) => (onStart = resolve));
    const input = { ...usual, ...asked, onStart };
    const run = this.useCases.run(
      async (operation) => (await Verification.open(operation, asked.target)).once(input),
      stop.signal,
    );
    this.#running.set(stop, run);
    void run
      .catch((error: unknown) => this.log.info({ event: 'verification-failed' }, errorText(error)))
      .finally(() => this.#running.delete(stop));
    return Promise.race([recorded, run.then(() => this.#unrecorded()), this.#late(stop)]);
  }

  /** Those under way end after the rows at hand, and say so in their records. */
  async onModuleDestroy(): Promise<void> {
    for (const stop of this.#running.keys()) stop.abort();
    await Promise.allSettled(this.#running.values());
  }

  async #late(stop: AbortController): Promise<never> {
    await pause(BEGIN_MS);
    stop.abort();
    return this.#unrecorded();
  }

  #unrecorded(): never {
    throw new ApiProblem(
      409,
      'NOT_RECORDED',
      'The verification could not be recorded in the capture schema: run tributary capture install, which brings it up to date.',
    );
  }
}
