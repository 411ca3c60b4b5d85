import type { DeadLetter } from './dead-letter';
import { fits } from './filter';

const letter = (of: Partial<DeadLetter>) =>
  ({
    code: 'INVALID_ROW',
    table: 'a.b',
    column: 'x',
    stage: 'validator',
    at: '2026-11-29T10:00:00.000Z',
    ...of,
  }) as DeadLetter;

describe('a filter of dead letters', () => {
  it('takes a table that a foreign producer has named * for a name, where it is exact', () => {
    const all = [letter({}), letter({ table: '*' }), letter({ table: null })];
    const taken = (exact: boolean) => all.map((one) => fits(one, { table: '*', exact }));
    expect([taken(false), taken(true)]).toEqual([
      [true, true, false],
      [false, true, false],
    ]);
  });

  it('takes those alone that name no table, or no column', () => {
    expect([letter({}), letter({ table: null })].map((one) => fits(one, { table: null }))).toEqual([
      false,
      true,
    ]);
    expect([letter({}), letter({ column: null })].map((one) => fits(one, { column: null }))).toEqual([
      false,
      true,
    ]);
  });

  it('matches codes whatever their case', () => {
    expect(fits(letter({ code: 'strange' }), { reason: 'strange' })).toBe(true);
    expect(fits(letter({}), { reason: 'invalid_row' })).toBe(true);
    expect(fits(letter({}), { reason: 'OTHER' })).toBe(false);
  });

  it('until a time, also what has none', () => {
    const until = new Date('2026-11-29T10:00:00.001Z');
    const ats = ['2026-11-29T10:00:00.000Z', '2026-11-29T10:00:00.001Z', '-'];
    expect(ats.map((at) => fits(letter({ at }), { until }))).toEqual([true, false, true]);
  });
});
