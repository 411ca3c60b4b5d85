import { EventEmitter } from 'node:events';
import { createLogger, Metrics } from '@tributary/service';
import { UnidentifiedChanges } from './unidentified-changes';
import type { TableEvents } from './table-events';

describe('UnidentifiedChanges', () => {
  const events: TableEvents = new EventEmitter();
  let loads: string[];
  const log = createLogger('test', 'silent');
  const told = jest.spyOn(log, 'warn').mockReturnValue();
  const missed = new UnidentifiedChanges(
    { log, metrics: new Metrics('test', { hash: '', tableLabels: 'all' }) },
    { reload: async (table) => void loads.push(table) },
    events,
  );
  const note = async (table: string) => {
    loads = [];
    told.mockClear();
    await missed.note(new Map([[table, 1]]));
    return { loads, told: told.mock.calls.length };
  };

  it('R1: asks for a load each time, since the last one may have begun, and tells it once', async () => {
    expect(await note('t')).toEqual({ loads: ['t'], told: 1 });
    expect(await note('t')).toEqual({ loads: ['t'], told: 0 });
  });

  it('leaves it to the repair of a table that waits for it, and begins anew after that', async () => {
    events.emit('needsRepair', new Set(['t', 'u']));
    expect(await note('t')).toEqual({ loads: [], told: 0 });
    // Nothing is known to stand for the first change of a table.
    expect(await note('u')).toEqual({ loads: ['u'], told: 1 });
    events.emit('repaired', 't');
    expect(await note('t')).toEqual({ loads: ['t'], told: 1 });
    expect(await note('u')).toEqual({ loads: [], told: 0 });
  });
});
