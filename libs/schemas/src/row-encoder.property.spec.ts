import fc from 'fast-check';
import { compileRowEncoder, type WireRow } from '@tributary/contract';
import { columnAndCell } from './column-cells.fixture';
import { compileRowValidator } from './row-validator';

it('R9, R10: whatever the row encoder writes, the row validator accepts', () => {
  fc.assert(
    fc.property(fc.array(columnAndCell, { minLength: 1, maxLength: 12 }), (row) => {
      const columns = row.map(([what], at) => ({ ...what, name: `c${at}`, field: `c${at}` }));
      const json = compileRowEncoder(columns)(row.map(([, cell]) => cell));
      expect(compileRowValidator({ columns })(JSON.parse(json) as WireRow, 'after')).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});
