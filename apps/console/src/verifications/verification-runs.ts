import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { errorText, within } from '@tributary/kernel';
import {
  differencesLeft,
  explain,
  Verification,
  verifyDefaults,
  type VerificationInput,
  type VerificationResult,
} from '@tributary/operations';
import { LOGGER, type Logger } from '@tributary/service';
import type { Caller } from '../access/caller';
import { AuditTrail } from '../audit/audit-trail';
import { ApiProblem } from '../http/api-problem';
import { UseCases } from '../operations/use-cases';

/** Each holds connections, and reads the source and the targets as fast as they answer. */
const SIDE_BY_SIDE = 2;

const { patienceSeconds, ...usual } = verifyDefaults;

type Asked = Pick<VerificationInput, 'table' | 'target' | 'sample' | 'rate' | 'repair'>;

/** Who began a run, and by which call. */
interface Begun {
  readonly caller: Caller;
  readonly action: 'startVerification' | 'repairVerification';
}

/** The verifications that this process runs; what they do and find stands in the capture schema. */
@Injectable()
export class VerificationRuns implements OnModuleDestroy {
  readonly #running = new Map<AbortController, Promise<unknown>>();
  /** How long a run may take to have its record, milliseconds. */
  beginMs = 15_000;

  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Begins one; answers the id of its record. Throws a problem 429 when enough run, and what kept it from beginning. How it
   * ended is written to the audit topic, beside what the call itself writes.
   */
  async begin(asked: Asked, by: Begun): Promise<string> {
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
    const input = {
      ...{ ...usual, ...asked, by: by.caller.name, onStart },
      ...{ patienceMs: patienceSeconds * 1_000, mustRecord: true },
    };
    const run = this.useCases.change(
      async (operation) => (await Verification.open(operation, asked.target)).once(input),
      stop.signal,
    );
    const ended = this.#written(run, recorded, asked, by);
    this.#running.set(stop, ended);
    void ended.finally(() => this.#running.delete(stop));
    return within(Promise.race([recorded, run.then(() => recorded)]), this.beginMs, () => {
      stop.abort();
      throw new ApiProblem(
        503,
        'NOT_RECORDED',
        `The verification had no record in the capture schema within ${this.beginMs / 1_000} s and was ended: try again when the source answers.`,
      );
    });
  }

  /** Those under way end after the rows at hand, and say so in their records. */
  async onModuleDestroy(): Promise<void> {
    for (const stop of this.#running.keys()) stop.abort();
    await Promise.allSettled(this.#running.values());
  }

  /** What came of a run that had begun; one that had not is what its call was answered. */
  async #written(
    run: Promise<VerificationResult>,
    recorded: Promise<string>,
    { table, target, repair }: Asked,
    { caller, action }: Begun,
  ): Promise<void> {
    const ending = await run.then(
      (result) => ({
        outcome: repair === 'do' && differencesLeft(result) > 0 ? ('failed' as const) : ('done' as const),
        detail: JSON.stringify(countsOf(result)),
      }),
      (error: unknown) => {
        this.log.info({ event: 'verification-failed' }, errorText(error));
        return { outcome: 'failed' as const, detail: explain(error) };
      },
    );
    const id = await Promise.race([recorded, Promise.resolve(null)]);
    if (id === null) return;
    // What cannot be written stands in the log.
    await this.audit
      .write(caller, {
        action,
        input: { id, table, target, repair: repair ?? 'none' },
        reason: null,
        ...ending,
      })
      .catch(() => undefined);
  }
}

function countsOf(result: VerificationResult) {
  const sum = (of: 'rows' | 'repaired' | 'notRepaired' | 'unsettled') =>
    result.reports.reduce((all, report) => all + report[of], 0);
  return {
    ...{ rows: sum('rows'), differences: differencesLeft(result), unsettled: sum('unsettled') },
    ...{ repaired: sum('repaired'), notRepaired: sum('notRepaired'), suspended: result.suspended.length },
  };
}
