import type { AnswerOf, Operation } from '@tributary/console-api';

const start = Date.now();
const t = (secondsAgo: number) => new Date(start - secondsAgo * 1000).toISOString();

const overview: AnswerOf<'overview'> = {
  at: t(0),
  verdict: { severity: 'warn', sentence: '12 dead letters are open since 2 h: INVALID_ROW in shop.orders.', next: 'open Dead letters, mend the cause, replay the group' },
  stages: [
    { stage: 'trigger-relay', state: 'running', instances: 2, lagEvents: 12, lagSeconds: 0.4, perSecond: 812.4, blockedBy: null, since: null },
    { stage: 'validator', state: 'running', instances: 1, lagEvents: 40, lagSeconds: 0.6, perSecond: 811, blockedBy: null, since: null },
    { stage: 'mongo-sink', state: 'running', instances: 1, lagEvents: 120, lagSeconds: 22, perSecond: 640, blockedBy: null, since: null },
    { stage: 'redis-sink', state: 'waiting', instances: 1, lagEvents: 90210, lagSeconds: 312, perSecond: 0, blockedBy: 'Redis at 127.0.0.1:6379 does not answer', since: t(312) },
  ],
  targets: ['mongo', 'redis'],
  tables: { total: 42, suspended: 1, paused: 1 },
  deadLetters: { open: 12 },
  snapshots: { open: 1 },
  history: Array.from({ length: 360 }, (_, i) => ({ at: t(3600 - i * 10), lagSeconds: i < 20 ? null : Math.abs(Math.sin(i / 30)) * 20 + (i > 320 ? (i - 320) * 8 : 0), perSecond: 600 + 200 * Math.sin(i / 17) })),
  unreachable: {},
};
const snapshots: AnswerOf<'snapshots'>['snapshots'] = [
  { id: '3', table: 'shop.orders', where: "state = 'new'", priority: 0, state: 'running', rowsDone: 420_000, rowsTotal: 1_000_000, totalIsExact: false, rowsPerSecond: 21_000, secondsLeft: 27, createdAt: t(60), startedAt: t(50), finishedAt: null, error: null, waitsFor: null, waitsSince: null },
  { id: '2', table: 'shop.customers', where: null, priority: 0, state: 'paused', rowsDone: 10, rowsTotal: 100, totalIsExact: true, rowsPerSecond: null, secondsLeft: null, createdAt: t(600), startedAt: t(500), finishedAt: null, error: null, waitsFor: null, waitsSince: null },
  { id: '1', table: 'shop.lines', where: null, priority: 0, state: 'done', rowsDone: 9_000, rowsTotal: 9_000, totalIsExact: true, rowsPerSecond: null, secondsLeft: null, createdAt: t(6000), startedAt: t(5900), finishedAt: t(5800), error: null, waitsFor: null, waitsSince: null },
];
const table = (name: string, i: number): AnswerOf<'tables'>['tables'][number] => ({
  table: name, state: i === 1 ? 'suspended' : i === 2 ? 'paused' : 'active', reason: i === 1 ? 'column `mail` has no type that MongoDB can hold' : null, remedy: i === 1 ? 'exclude the column' : null,
  suspensions: i === 1 ? [{ stage: 'mongo-sink', code: 'MISFIT', reason: 'column `mail`', remedy: 'exclude it', since: t(500) }] : [],
  paused: i === 2 ? [{ target: 'mongo', since: t(600), by: 'ann', reason: 'index build', waiting: 5120, headroomSeconds: 500_000 }] : [],
  rows: i * 1234, pending: i % 7, lagSeconds: (i % 9) / 3, perSecond: i * 1.5, deadLetters: i === 0 ? 12 : 0,
  snapshot: i === 0 ? { state: 'running', rowsDone: 420_000, rowsTotal: 1_000_000, waitsFor: null } : null,
  lastVerified: i % 3 ? { at: t(i * 900), equal: i !== 4, id: '7' } : null,
});
const names = ['shop.orders', 'shop.customers', 'shop.lines', ...Array.from({ length: 997 }, (_, i) => `erp.table_${i}`)];
const tables = names.map(table);
const columns = [{ name: 'id', type: 'bigint unsigned', nullable: false }, { name: 'email', type: 'varchar(200)', nullable: true }, { name: 'amount', type: 'decimal(10,2)', nullable: false }];
const event = { offset: '118', version: '0001-0000000000000042', op: 'u' as const, snapshot: false, changedAt: t(30), writtenAt: t(29.6), before: null, after: { id: '7', email: '***', amount: '***' } };
const search = { topic: 'tributary.changes', partition: 3, from: '0', to: '120', complete: true };
const masked = { id: '7', email: '***', amount: '***' };
const verification = { id: '7', state: 'different' as const, table: 'shop.orders', target: null, repair: 'plan' as const, by: 'ann', startedAt: t(900), finishedAt: t(880), rowsDone: 1_000_000, rowsTotal: 1_000_000, differences: 2, error: null };
const sample = { id: '3:42', at: t(7200), stage: 'validator', code: 'INVALID_ROW', reason: 'amount: 12.345 has more digits than decimal(10,2)', table: 'shop.orders', column: 'amount', key: '{"table":"shop.orders","key":{"id":"7"}}', attempts: '1' };
const groups = [{ code: 'INVALID_ROW', table: 'shop.orders', column: 'amount', stage: 'validator', count: 12, firstAt: t(7200), lastAt: t(60), sample }];
const audit = { id: '1', at: t(600), who: 'ann', role: 'operator', from: '127.0.0.1', action: 'pauseTable', input: { table: 'shop.lines', target: 'mongo' }, reason: 'index build', outcome: 'done' as const, detail: 'shop.lines is paused' };

export const user: { name: string; role: 'viewer' | 'operator' } = { name: 'ann', role: 'operator' };
const session: AnswerOf<'session'> = { user, csrf: 'token', methods: ['token', 'password', 'oidc'], version: '0.3.0' };

export const answers: { [O in Operation]?: (params: Record<string, string>) => AnswerOf<O> } = {
  session: () => session,
  overview: () => overview,
  tables: () => ({ tables }),
  table: ({ table: name }) => ({ ...tables.find((one) => one.table === name)!, capture: { state: 'current', detail: null }, key: name === 'shop.lines' ? ['order_id', 'line'] : ['id'], columns, targets: [{ target: 'mongo', place: 'shop.orders' }, { target: 'redis', place: 'shop:orders' }], snapshots }),
  snapshots: () => ({ snapshots }),
  verifications: () => ({ verifications: [verification] }),
  verification: () => ({ ...verification, reports: ['mongo', 'redis'].map((target) => ({ table: 'shop.orders', target, rows: 500_000, equal: 499_999, missing: 0, extra: 0, different: 1, stale: 0, index: 0, unsettled: 0, repaired: 0, notRepaired: 0, seconds: 12 })), examples: [{ table: 'shop.orders', target: 'mongo', kind: 'different', key: { id: '7' }, id: '7', inSource: true, columns: [{ column: 'amount', source: '***', target: '***' }], version: '0001-0000000000000042', repair: { action: 'send', result: 'would be sent' } }], repairs: { send: 2 }, suspended: [], masked: true }),
  deadLetterGroups: () => ({ total: 12, groups }),
  deadLetters: () => ({ total: 12, deadLetters: [sample] }),
  deadLetter: () => ({ id: '3:42', headers: { v: '42', 'dlq.code': 'INVALID_ROW', 'dlq.reason': sample.reason, 'dlq.stage': 'validator' }, key: sample.key, value: '{"op":"u","after":{"id":"7","amount":"***"}}', masked: true }),
  trace: ({ table: name }) => ({ table: name!, key: { id: '7' }, source: masked, log: [], changes: { ...search, events: [event] }, validated: { ...search, topic: 'tributary.validated', events: [event] }, deadLetters: [{ id: '3:42', code: 'INVALID_ROW', reason: sample.reason, stage: 'validator', version: '42' }], targets: [{ target: 'mongo', id: '7', version: '0001-0000000000000042', state: 'equal', columns: [], verdict: { code: 'IN_SYNC', sentence: 'MongoDB holds the row as the source has it.', next: 'nothing' } }, { target: 'redis', id: 'shop:orders:7', version: '0001-0000000000000041', state: 'different', columns: [{ column: 'amount', source: '***', target: '***' }], verdict: { code: 'BEFORE_SINK', sentence: 'The redis-sink has not come to it.', next: 'see what it waits for' } }], verdict: { code: 'BEFORE_SINK', sentence: 'The redis-sink has not come to the newest change of 42 seconds ago.', next: 'start redis, see Overview' }, masked: true }),
  history: ({ table: name }) => ({ table: name!, key: { id: '7' }, events: [{ version: event.version, op: 'u', snapshot: false, committedAt: t(31), publishedAt: t(30.4), validatedAt: t(30), columns: [{ column: 'amount', before: '***', after: '***' }], targets: { mongo: 'applied', redis: 'waiting' } }], changes: search, validated: { ...search, complete: false }, masked: true }),
  instances: () => ({ instances: ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'].map((app, i) => ({ app, instance: app, pid: 100 + i, host: 'host-a', port: 3001 + i, ready: i !== 3, trouble: i === 3 ? 'waits for Redis' : null, startedAt: t(5000), silentSeconds: 1.2, alive: true, version: i ? '0.3.0' : '0.2.0', config: 'a1b2c3d4' })) }),
  config: () => ({ path: '/etc/tributary/sync.yaml', hash: 'a1b2c3d4', version: '0.3.0', servers: { mysql: '127.0.0.1:3306', kafka: '127.0.0.1:9092' }, topics: { changes: 'tributary.changes' }, tables: names.slice(0, 3).map((name) => ({ table: name, key: ['id'], mongo: { collection: 'orders' } })), suspended: [], skipped: [{ table: 'shop.logs', reason: 'no key' }] }),
  audit: () => ({ entries: [audit] }),
};
