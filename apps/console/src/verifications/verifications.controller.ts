import { Controller, Inject } from '@nestjs/common';
import {
  cancelVerification,
  listVerifications,
  showVerification,
  type TargetName,
} from '@tributary/operations';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { maskedColumn, maskedSentence } from '../masking/masks';
import { Reveals } from '../masking/reveals';
import { UseCases } from '../operations/use-cases';
import { VerificationRuns } from './verification-runs';

@Controller()
export class VerificationsController {
  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(VerificationRuns) private readonly runs: VerificationRuns,
    @Inject(Reveals) private readonly reveals: Reveals,
  ) {}

  @Operation('verifications')
  async verifications(@TheCall() call: Call<'verifications'>): Promise<Answer<'verifications'>> {
    return { verifications: await this.useCases.ask(call, listVerifications) };
  }

  @Operation('startVerification')
  async start(@TheCall() { body, caller }: Call<'startVerification'>): Promise<Answer<'startVerification'>> {
    const { table, target, sample, rate } = body;
    const asked = { table, target: target as TargetName, sample, rate };
    return { id: await this.runs.begin(asked, { caller: caller!, action: 'startVerification' }) };
  }

  @Operation('verification')
  async verification(@TheCall() call: Call<'verification'>): Promise<Answer<'verification'>> {
    const { id } = call.params;
    const found = await this.useCases.ask(call, (operation) => showVerification(operation, id));
    const { result, ...summary } = found;
    const { reports = [], examples = [], repairs = {}, suspended = [] } = result ?? {};
    const tables = [...new Set(examples.map(({ table }) => table))];
    // Without an example there is no value.
    const masked = tables.length === 0 || (await this.reveals.masked(call, { id, tables }));
    return {
      ...{ ...summary, reports, repairs, masked },
      suspended: suspended.map((one) => ({ ...one })),
      examples: examples.map((example) => ({
        ...example,
        columns: example.columns.map((column) =>
          masked ? maskedColumn(column, Object.keys(example.key ?? {})) : { ...column },
        ),
        ...(example.note !== undefined && { note: masked ? maskedSentence(example.note) : example.note }),
      })),
    };
  }

  @Operation('cancelVerification')
  async cancel(@TheCall() { params }: Call<'cancelVerification'>): Promise<Answer<'cancelVerification'>> {
    await this.useCases.change((operation) => cancelVerification(operation, params.id));
    return { id: params.id };
  }

  /** Of the same table and target: what differs now is repaired, not what differed then. */
  @Operation('repairVerification')
  async repair(@TheCall() call: Call<'repairVerification'>): Promise<Answer<'repairVerification'>> {
    const { params, query, caller } = call;
    const { table, target } = await this.useCases.change((operation) =>
      showVerification(operation, params.id),
    );
    const repair = query.dryRun === 'true' ? ('plan' as const) : ('do' as const);
    const asked = { table: table ?? undefined, target: target ?? undefined, repair };
    return { id: await this.runs.begin(asked, { caller: caller!, action: 'repairVerification' }) };
  }
}
