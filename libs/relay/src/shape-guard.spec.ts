import type { TablePlan, TableView } from '@tributary/capture';
import { rowSchema, type ColumnKind } from '@tributary/contract';
import { EventEmitter } from 'node:events';
import { ShapeGuard } from './shape-guard';
import type { TableEvents } from './table-events';

const viewOf = (kind: ColumnKind, captured = true): TableView => {
  const column = (name: string, of: ColumnKind) => ({
    ...{ name, field: name, kind: of, sourceKind: of, sqlType: of, nullable: false },
  });
  const schema = rowSchema({ table: 'd.t', key: ['id'], columns: [column('id', 'int'), column('v', kind)] });
  return { captured, plan: { schema } as TablePlan };
};

describe('ShapeGuard', () => {
  let view: TableView | undefined;
  let differs = true;
  let changed = 0;
  const tables = new Set(['d.t']);
  const plans = new Map<string, TablePlan>();
  const events: TableEvents = new EventEmitter();
  events.on('changed', () => (changed += 1));
  const views = () => new Map(view ? [['d.t', view]] : []);
  const guardOf = (first: TableView) => {
    [view, differs, changed] = [first, true, 0];
    return new ShapeGuard(
      {
        ...{ plans, events, view: async () => views(), hidden: async () => new Set<string>() },
        sentinel: { changed: async () => differs },
      },
      views(),
    );
  };

  it('tells that a table is another one by now, once, and brings the plans up to date', async () => {
    const guard = guardOf(viewOf('int'));
    const { schema } = view!.plan;
    expect([await guard.check(tables), changed]).toEqual([true, 0]);
    view = viewOf('text');
    expect([await guard.check(tables), changed]).toEqual([true, 1]);
    expect([plans.get('d.t'), guard.reading(schema, 1n), guard.fits(schema)]).toEqual([
      view.plan,
      'key',
      false,
    ]);
    expect([await guard.check(tables), changed]).toEqual([true, 1]);
    differs = false;
    view = viewOf('int');
    expect([await guard.check(tables), changed]).toEqual([false, 1]);
  });

  it('tells that a table has lost its triggers, and that it is gone', async () => {
    const guard = guardOf(viewOf('int'));
    const { schema } = view!.plan;
    view = viewOf('int', false);
    await guard.check(tables);
    expect([changed, guard.reading(schema, 1n)]).toEqual([1, 'key']);
    view = undefined;
    await guard.check(tables);
    // Of a table that is gone there is nothing but what was logged.
    expect([changed, guard.reading(schema, 1n), plans.has('d.t')]).toEqual([2, 'image', false]);
  });

  it('believes no image up to an id that it is told', () => {
    const guard = guardOf(viewOf('int'));
    const { schema } = view!.plan;
    guard.distrust('d.t', 5n);
    expect([5n, 6n].map((id) => guard.reading(schema, id))).toEqual(['key', 'image']);
  });
});
