import { Controller, Inject } from '@nestjs/common';
import {
  discardDeadLetters,
  groupDeadLetters,
  isReplayed,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
} from '@tributary/operations';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { keyColumnsOf, maskedEvent, maskedKey, maskedSentence } from '../masking/masks';
import { Reveals } from '../masking/reveals';
import { UseCases } from '../operations/use-cases';
import { groupsAnswer, deadLetterLine } from './groups-answer';

/** How long the services may stand still before a replay no longer waits for them. */
const PATIENCE_MS = 20_000;

@Controller()
export class DeadLettersController {
  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(Reveals) private readonly reveals: Reveals,
  ) {}

  @Operation('deadLetterGroups')
  async groups(@TheCall() call: Call<'deadLetterGroups'>): Promise<Answer<'deadLetterGroups'>> {
    return groupsAnswer(await this.useCases.ask(call, (operation) => groupDeadLetters(operation)));
  }

  @Operation('deadLetters')
  async list(@TheCall() call: Call<'deadLetters'>): Promise<Answer<'deadLetters'>> {
    const { limit, exact, ...query } = call.query;
    const input = { filter: filterOf({ ...query, exact: exact === 'true' }), limit };
    const { total, newest } = await this.useCases.ask(call, (operation) => listDeadLetters(operation, input));
    return { total, deadLetters: newest.map(deadLetterLine).reverse() };
  }

  @Operation('replayDeadLetters')
  async replay(@TheCall() call: Call<'replayDeadLetters'>): Promise<Answer<'replayDeadLetters'>> {
    const input = { ...selectionOf(call.body), wait: true, patienceMs: PATIENCE_MS };
    const all = await this.useCases.change((operation) => replayDeadLetters(operation, input));
    if (!isReplayed(all)) call.outcome = 'failed';
    const { targets, ...result } = all;
    return { ...result, targets: Object.fromEntries(targets) };
  }

  @Operation('discardDeadLetters')
  async discard(@TheCall() { body }: Call<'discardDeadLetters'>): Promise<Answer<'discardDeadLetters'>> {
    const selection = selectionOf(body);
    return { discarded: await this.useCases.change((operation) => discardDeadLetters(operation, selection)) };
  }

  @Operation('deadLetter')
  async show(@TheCall() call: Call<'deadLetter'>): Promise<Answer<'deadLetter'>> {
    const { id } = call.params;
    const { headers, key, value } = await this.useCases.ask(call, (operation) =>
      showDeadLetter(operation, id),
    );
    const masked = await this.reveals.masked(call, { id, key: maskedKey(key) });
    if (!masked) return { id, headers, key, value, masked };
    return {
      ...{ id, headers: maskedHeaders(headers), key: maskedKey(key) },
      ...{ value: maskedEvent(value, keyColumnsOf(key)), masked },
    };
  }
}

type Filter = Pick<
  Call<'discardDeadLetters'>['body'],
  'code' | 'table' | 'column' | 'stage' | 'until' | 'exact'
>;

const filterOf = ({ code, table, column, stage, until, exact }: Filter) => ({
  ...(code !== undefined && { reason: code }),
  ...(table !== undefined && { table: table || null }),
  ...(column !== undefined && { column: column || null }),
  ...(stage !== undefined && { stage }),
  ...(until !== undefined && { until: new Date(until) }),
  ...(exact !== undefined && { exact }),
});

const selectionOf = (body: Call<'discardDeadLetters'>['body']) => ({
  ...{ filter: filterOf(body), ids: body.ids, limit: Infinity },
});

/** A header that a foreign producer brought may hold anything; a checksum tells a value to whoever guesses it. */
const ours = /^(dlq\.(stage|code|topic|partition|offset|at|attempts)|v|schema|traceparent)$/;

const maskedHeaders = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, maskedHeader(name, value)]));

function maskedHeader(name: string, value: unknown): unknown {
  // Of several of one name the last is ours: the record may have had one already.
  if (Array.isArray(value))
    return value.map((one, at) => (at < value.length - 1 ? '***' : maskedHeader(name, one)));
  if (ours.test(name)) return value;
  return name === 'dlq.reason' && typeof value === 'string' ? maskedSentence(value) : '***';
}
