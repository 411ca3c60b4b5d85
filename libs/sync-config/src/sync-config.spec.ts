import { parseSyncConfig } from './load';
import { mongoSpec } from './targets/mongo';

describe('SyncConfig', () => {
  it('has the defaults of docs/reference/sync-file.md', () => {
    const config = parseSyncConfig('tables: [{ table: shop.orders }]');
    expect(config).toMatchObject({
      prefix: 'tributary',
      partitions: 12,
      captureSchema: 'tributary',
      chunkMs: 300,
      tableLabels: 'all',
      dtoNames: [],
    });
    expect(config.table('shop.orders')).toEqual({
      table: 'shop.orders',
      database: 'shop',
      name: 'orders',
      exclude: [],
      rename: {},
      mask: {},
      where: null,
      before: false,
      mongo: {
        ...{
          enabled: true,
          database: 'shop',
          collection: 'orders',
          temporal: 'default',
          id: 'scalar',
          validator: 'off',
        },
        shared: false,
      },
      redis: { enabled: true, as: 'hash', index: 'shop:orders', shared: false },
    });
  });

  it('matches whole names only, with * for any characters and nothing else special', () => {
    const config = parseSyncConfig(
      'tables: [{ table: sakila.* }, { table: a.b+c }, { table: "x*.t_*_log" }]',
    );
    for (const table of ['sakila.film', 'sakila.a.b', 'a.b+c', 'x.t__log', 'xyz.t_7_log'])
      expect([table, config.table(table)?.table]).toEqual([table, table]);
    for (const table of ['sakila2.film', 'asakila.film', 'a.bbc', 'a.b', 'x.t_log', 'x.t_7_log2', 'film'])
      expect([table, config.table(table)]).toEqual([table, undefined]);
  });

  it.each([
    ['database: a.b', /"\."/],
    ['database: a b', /" "/],
    ['database: ADMIN', /MongoDB's own/],
    [`database: ${'é'.repeat(32)}`, /63 bytes/],
    ['collection: a$b', /"\$"/],
    ['collection: system.users', /system\./],
  ])('refuses a name that MongoDB does not take: %s', (name, reason) => {
    expect(() => parseSyncConfig(`tables: [{ table: shop.orders, mongo: { ${name} } }]`)).toThrow(reason);
  });

  it("what is said of one table wins over its pattern, and a pattern's word over the defaults", () => {
    const config = parseSyncConfig(`
defaults: { before: false, mongo: { temporal: string }, redis: { as: json } }
tables:
  - table: shop.orders
    where: null
    mongo: { collection: o }
    dto: OrderRow
  - table: shop.*
    where: "id > 0"
    before: true
    mongo: { database: target, temporal: date }
    redis: { enabled: false }
`);
    expect(config.table('shop.orders')).toMatchObject({
      where: null,
      before: true,
      dto: 'OrderRow',
      mongo: { database: 'target', collection: 'o', temporal: 'date' },
      redis: { enabled: false, as: 'json' },
    });
    expect(config.table('shop.items')).toMatchObject({ where: 'id > 0', mongo: { collection: 'items' } });
    expect(config.table('shop.items')?.dto).toBeUndefined();
    expect(config.dtoNames).toEqual(['OrderRow']);
  });

  it('R13: names from messages do not pile up in memory', () => {
    const config = parseSyncConfig('tables: [{ table: shop.* }]');
    for (let at = 0; at < 25_000; at += 1) config.table(`shop.t${at}`);
    expect(config.table('shop.t1')).toMatchObject({ name: 't1' });
  });

  it('takes the sections of the targets that it is given, and no others', () => {
    const only = [mongoSpec];
    const config = parseSyncConfig('tables: [{ table: shop.orders }]', undefined, only);
    expect(config.targets).toEqual(only);
    expect(config.table('shop.orders')).toHaveProperty('mongo.enabled', true);
    expect(config.table('shop.orders')).not.toHaveProperty('redis');
    const foreign = () =>
      parseSyncConfig('tables: [{ table: shop.orders, redis: { as: json } }]', undefined, only);
    expect(foreign).toThrow('sync.yaml:1:32: tables.0.redis: unknown key "redis"');
  });

  it('excludes no entry that still says something of a target', () => {
    const text = 'tables: [{ table: a.* }, { table: a.b, exclude: true, redis: { as: json } }]';
    expect(() => parseSyncConfig(text)).toThrow('a.b is excluded, so redis means nothing');
  });
});
