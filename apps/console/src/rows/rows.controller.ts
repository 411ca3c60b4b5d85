import { Controller, Inject } from '@nestjs/common';
import { resendRows, rowHistory, traceRow, type History, type Trace } from '@tributary/operations';
import type { WireRow } from '@tributary/contract';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { maskedColumn, maskedRow, maskedSentence } from '../masking/masks';
import { Reveals } from '../masking/reveals';
import { UseCases } from '../operations/use-cases';

/** How much of each topic one call looks through. */
const bounds = { searchMs: 8_000, searchBytes: 128 << 20 };

/** Where one row is, and what happened to it. */
@Controller()
export class RowsController {
  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(Reveals) private readonly reveals: Reveals,
  ) {}

  @Operation('trace')
  async trace(@TheCall() call: Call<'trace'>): Promise<Answer<'trace'>> {
    const { params, query } = call;
    const input = { table: params.table, key: query.key, ...bounds };
    const found = await this.useCases.ask(call, (operation) => traceRow(operation, input));
    const masked = await this.reveals.masked(call, { table: found.table, key: found.key });
    return { ...shownTrace(found, masked), masked };
  }

  @Operation('history')
  async history(@TheCall() call: Call<'history'>): Promise<Answer<'history'>> {
    const { params, query } = call;
    const since = query.since === undefined ? undefined : new Date(query.since);
    const input = { table: params.table, key: query.key, since, ...bounds };
    const found = await this.useCases.ask(call, (operation) => rowHistory(operation, input));
    const masked = await this.reveals.masked(call, { table: found.table, key: found.key });
    return { ...shownHistory(found, masked), masked };
  }

  @Operation('resend')
  async resend(@TheCall() call: Call<'resend'>): Promise<Answer<'resend'>> {
    const result = await this.useCases.change((operation) => resendRows(operation, call.body));
    if (result.rows === 0 || result.locked > 0) call.outcome = 'failed';
    return result;
  }
}

const shownRow = <R extends WireRow | null | undefined>(
  row: R,
  key: readonly string[],
  masked: boolean,
): R => (masked ? maskedRow(row, key) : row);

const shownColumn = (column: { readonly column: string }, key: readonly string[], masked: boolean) =>
  masked ? maskedColumn(column, key) : { ...column };

const shownSentence = (text: string, masked: boolean) => (masked ? maskedSentence(text) : text);

function shownTrace(found: Trace, masked: boolean) {
  const key = Object.keys(found.key ?? {});
  const search = (of: Trace['changes']) =>
    of && {
      ...of,
      events: of.events.map((event) => ({
        ...event,
        before: shownRow(event.before, key, masked),
        after: shownRow(event.after, key, masked),
      })),
    };
  const verdict = (of: Trace['verdict']) => ({ ...of, sentence: shownSentence(of.sentence, masked) });
  return {
    ...found,
    source: shownRow(found.source, key, masked),
    changes: search(found.changes),
    validated: search(found.validated),
    loads: search(found.loads),
    validatedLoads: search(found.validatedLoads),
    deadLetters: found.deadLetters.map((deadLetter) => ({
      ...deadLetter,
      reason: shownSentence(deadLetter.reason, masked),
    })),
    targets: found.targets.map((target) => ({
      ...target,
      columns: target.columns.map((column) => shownColumn(column, key, masked)),
      verdict: verdict(target.verdict),
    })),
    verdict: verdict(found.verdict),
  };
}

function shownHistory(found: History, masked: boolean) {
  const key = Object.keys(found.key);
  return {
    ...found,
    events: found.events.map((event) => ({
      ...event,
      columns: event.columns.map((column) => shownColumn(column, key, masked)),
    })),
  };
}
