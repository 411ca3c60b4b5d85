import type { DeadLetterGroup } from '@tributary/console-api';
import { deadLettersOf, queryOf, searchOf } from './selection';

const group = (of: Partial<DeadLetterGroup>) =>
  ({
    ...{ code: 'INVALID_ROW', table: 'a.b', column: 'x', stage: 'validator', count: 5 },
    ...{ lastAt: '2026-11-29T10:00:00.000Z', ...of },
  }) as DeadLetterGroup;

test('a group is taken as it is: no pattern, no other stage, none that came later', () => {
  expect(deadLettersOf(group({ table: '*', column: null }))).toEqual({
    ...{ code: 'INVALID_ROW', table: '*', column: null, stage: 'validator', exact: true },
    until: '2026-11-29T10:00:00.001Z',
  });
  expect(deadLettersOf(group({ lastAt: '-' })).until).toBeUndefined();
});

test('the address of a group names its letters alone, also where they name no table', () => {
  const query = queryOf(searchOf(group({ table: null, column: null })));
  expect(query).toEqual({ code: 'INVALID_ROW', table: '', column: '', stage: 'validator', exact: 'true' });
});

test('the address of a table names all of its letters', () => {
  expect(queryOf({ table: 'a.b' })).toEqual({ table: 'a.b' });
});
