import { Controller, Inject } from '@nestjs/common';
import {
  discardDeadLetters,
  groupDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
} from '@tributary/operations';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { keyColumnsOf, maskedEvent, maskedSentence } from '../masking/masks';
import { Reveals } from '../masking/reveals';
import { UseCases } from '../operations/use-cases';
import { groupsAnswer, letterLine } from './groups-answer';

/** How long the services may stand still before a replay no longer waits for them. */
const PATIENCE_MS = 20_000;

@Controller()
export class DeadLettersController {
  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(Reveals) private readonly reveals: Reveals,
  ) {}

  @Operation('deadLetterGroups')
  async groups(@TheCall() { signal }: Call<'deadLetterGroups'>): Promise<Answer<'deadLetterGroups'>> {
    return groupsAnswer(await this.useCases.run((operation) => groupDeadLetters(operation), signal));
  }

  @Operation('deadLetters')
  async list(@TheCall() { query, signal }: Call<'deadLetters'>): Promise<Answer<'deadLetters'>> {
    const input = { filter: filterOf(query), limit: query.limit };
    const { total, newest } = await this.useCases.run(
      (operation) => listDeadLetters(operation, input),
      signal,
    );
    return { total, deadLetters: newest.map(letterLine).reverse() };
  }

  @Operation('replayDeadLetters')
  async replay(@TheCall() { body }: Call<'replayDeadLetters'>): Promise<Answer<'replayDeadLetters'>> {
    const input = { ...selectionOf(body), wait: true, patienceMs: PATIENCE_MS };
    const { targets, ...result } = await this.useCases.run((operation) =>
      replayDeadLetters(operation, input),
    );
    return { ...result, targets: Object.fromEntries(targets) };
  }

  @Operation('discardDeadLetters')
  async discard(@TheCall() { body }: Call<'discardDeadLetters'>): Promise<Answer<'discardDeadLetters'>> {
    return {
      discarded: await this.useCases.run((operation) => discardDeadLetters(operation, selectionOf(body))),
    };
  }

  @Operation('deadLetter')
  async show(@TheCall() call: Call<'deadLetter'>): Promise<Answer<'deadLetter'>> {
    const { id } = call.params;
    const { headers, key, value } = await this.useCases.run(
      (operation) => showDeadLetter(operation, id),
      call.signal,
    );
    const masked = await this.reveals.masked(call, { id, key });
    if (!masked) return { id, headers, key, value, masked };
    return { id, headers: maskedHeaders(headers), key, value: maskedEvent(value, keyColumnsOf(key)), masked };
  }
}

type Filter = Pick<Call<'deadLetters'>['query'], 'code' | 'table' | 'column'>;

const filterOf = ({ code, table, column }: Filter) => ({
  ...(code !== undefined && { reason: code }),
  ...(table !== undefined && { table }),
  ...(column !== undefined && { column }),
});

const selectionOf = (body: Call<'discardDeadLetters'>['body']) => ({
  ...{ filter: filterOf(body), ids: body.ids, limit: Infinity },
});

/** A header that a foreign producer brought may hold anything. */
const ours = /^(dlq\.(stage|code|topic|partition|offset|at|attempts)|v|schema|crc|traceparent)$/;

const maskedHeaders = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      ours.test(name)
        ? value
        : name === 'dlq.reason' && typeof value === 'string'
          ? maskedSentence(value)
          : '***',
    ]),
  );
