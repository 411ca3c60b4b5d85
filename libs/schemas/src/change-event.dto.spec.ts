import { envelopeWriter, type Operation } from '@tributary/contract';
import { ChangeEventDto } from './change-event.dto';
import { compileDto } from './compiled-dto';

const check = compileDto(ChangeEventDto);
const written = (op: Operation, before: string, after: string) =>
  JSON.parse(
    envelopeWriter(
      'p',
      'd.t',
      'dev',
    )({
      before,
      after,
      op,
      sourceTsMs: 1,
      publishedTsMs: 2,
      snapshot: op === 'r',
      version: '0001000000000000001',
    }),
  ) as Record<string, unknown>;
const event = written('c', 'null', '{}');

describe('R10: the envelope', () => {
  it.each<[Operation, string, string, string | undefined]>([
    ['c', 'null', '{}', undefined],
    ['u', '{}', '{}', undefined],
    ['u', 'null', '{}', undefined],
    ['r', 'null', '{}', undefined],
    ['d', '{}', 'null', undefined],
    ['d', 'null', 'null', undefined],
    ['t', 'null', 'null', undefined],
    ['c', '{}', 'null', 'op c needs an after image'],
    ['u', '{}', 'null', 'op u needs an after image'],
    ['r', 'null', 'null', 'op r needs an after image'],
    ['d', 'null', '{}', 'op d has no after image'],
    ['t', 'null', '{}', 'op t has no images'],
  ])('op %s with before %s and after %s: %s', (op, before, after, reason) => {
    expect(check(written(op, before, after))).toBe(reason);
  });

  it("tolerates Debezium's extra members", () => {
    const source = {
      ...(event['source'] as object),
      server_id: 0,
      gtid: null,
      file: 'x',
      pos: 1,
      query: null,
    };
    expect(check({ ...event, source, transaction: null, ts_us: 1, ts_ns: 1 })).toBeUndefined();
  });

  it.each([
    ['after', undefined],
    ['after', []],
    ['before', 'x'],
    ['before', undefined],
    ['op', 'x'],
    ['op', undefined],
    ['source', null],
    ['source', []],
    ['source', {}],
    ['ts_ms', '1'],
    ['ts_ms', 1.5],
    ['ts_ms', -1],
  ])('refuses %s = %j and names it', (name, value) => {
    expect(check({ ...event, [name]: value })).toContain(name);
  });
});
