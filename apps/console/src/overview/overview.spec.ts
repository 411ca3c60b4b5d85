import type { PipelineStatus } from '@tributary/operations';
import type { Sample } from '../live/sample';
import { overviewOf } from './overview';
import { OverviewMemory } from './overview-memory';

const start = Date.parse('2026-11-29T03:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
const stages = ['trigger-relay', 'validator', 'mongo-sink'];

type Instance = PipelineStatus['instances'][number];
type Table = PipelineStatus['tables'][number];

const instance = (app: string, more: Partial<Instance> = {}): Instance => ({
  ...{ app, instance: '1', pid: 1, host: 'h', port: 1, ready: true, trouble: null, startedAt: at(-60) },
  ...{ silentSeconds: 1, alive: true, version: null, config: null, perSecond: 5, newestChangeAt: null },
  ...more,
});

const table = (more: Partial<Table> = {}): Table => ({
  ...{
    table: 'shop.orders',
    state: 'active',
    reason: null,
    remedy: null,
    suspensions: [],
    rows: 1,
    pending: 0,
  },
  ...{ lagSeconds: 0, perSecond: 0, deadLetters: null, snapshot: null, paused: [] },
  ...more,
});

interface Look {
  readonly instances?: readonly Instance[];
  readonly tables?: readonly Table[];
  readonly sinkLag?: number;
  readonly unreachable?: Record<string, string>;
  readonly letters?: number;
}

function sample(seconds: number, look: Look = {}): Sample {
  const {
    instances = stages.map((app) => instance(app)),
    tables = [table()],
    sinkLag = 0,
    letters = 0,
  } = look;
  const group = {
    code: 'INVALID_ROW',
    table: 'shop.orders',
    column: 'price',
    stage: 'validator',
    count: letters,
  };
  const letter = {
    id: '0:1',
    partition: 0,
    offset: '1',
    at: at(0),
    reason: 'x',
    key: null,
    attempts: '1',
    ...group,
  };
  return {
    ...{ stages, snapshots: null, verifications: null, lastVerified: [], capture: null },
    deadLetters: {
      total: letters,
      groups: letters > 0 ? [{ ...group, firstAt: at(0), lastAt: at(0), sample: letter }] : [],
    },
    status: {
      ...{
        at: at(seconds),
        identity: null,
        tables,
        instances,
        topics: [],
        loads: [],
        unreachable: look.unreachable ?? {},
      },
      stages: [
        { stage: 'validator', lagEvents: 0, members: 1 },
        { stage: 'mongo-sink', lagEvents: sinkLag, members: 1 },
      ],
    },
  };
}

const suspended = table({ state: 'suspended', reason: 'It has no key', remedy: 'Give it one.' });
const paused = table({
  state: 'suspended',
  suspensions: [{ stage: 'mongo-sink', code: 'PAUSED', reason: 'x', remedy: 'x', since: at(0) }],
  paused: [
    { table: 'shop.orders', target: 'mongo', by: 'ada', reason: '', at: at(0), waiting: null, hoursLeft: 1 },
  ],
});
const waiting = instance('mongo-sink', { trouble: 'MongoDB does not answer' });
const dead = instance('validator', { alive: false, silentSeconds: 120 });

describe('the verdict of the overview', () => {
  const verdict = (look: Look, memory = new OverviewMemory()) => overviewOf(sample(0, look), memory).verdict;

  it('names the worst thing, and what is worse before what is less', () => {
    const [relay, validator, sink] = stages.map((app) => instance(app)) as [Instance, Instance, Instance];
    const looks: [string, Look][] = [
      ['All is well', {}],
      ['shop.orders in mongo is paused by ada since 03:00 UTC.', { tables: [paused] }],
      ['1 dead letter is open, most of them INVALID_ROW of shop.orders.price', { letters: 1 }],
      ['shop.orders is suspended: It has no key.', { letters: 1, tables: [suspended] }],
      [
        'mongo-sink waits since 03:00 UTC: MongoDB',
        { tables: [suspended], instances: [relay, validator, waiting] },
      ],
      ['No instance runs of validator (since 02:58 UTC)', { instances: [relay, dead, waiting] }],
      [
        'mysql does not answer: refused.',
        { instances: [relay, dead, sink], unreachable: { mysql: 'refused' } },
      ],
    ];
    for (const [words, look] of looks) expect(verdict(look).sentence).toContain(words);
    expect(looks.map(([, look]) => verdict(look).severity)).toEqual([
      ...['ok', 'warn', 'warn', 'trouble', 'trouble', 'trouble', 'trouble'],
    ]);
  });

  it('tells dead letters that grow from those that are just there', () => {
    const memory = new OverviewMemory();
    overviewOf(sample(0, { letters: 3 }), memory);
    expect(overviewOf(sample(310, { letters: 3 }), memory).verdict.severity).toBe('warn');
    const { severity, sentence } = overviewOf(sample(620, { letters: 8 }), memory).verdict;
    expect([severity, sentence]).toEqual(['trouble', expect.stringContaining('5 more in five minutes')]);
  });

  it('a stage lags since events wait without a pause, and not longer than its newest change is old', () => {
    const memory = new OverviewMemory();
    const lag = (seconds: number, sinkLag: number, newestChangeAt: string | null = null) => {
      const instances = [
        ...stages.slice(0, 2).map((app) => instance(app)),
        instance('mongo-sink', { newestChangeAt }),
      ];
      return overviewOf(sample(seconds, { sinkLag, instances }), memory).stages[2]!.lagSeconds;
    };
    expect([lag(0, 0), lag(10, 5), lag(100, 9), lag(110, 9, at(105)), lag(120, 0), lag(130, 1)]).toEqual([
      ...[0, 0, 90, 5, 0, 0],
    ]);
  });
});

describe('the history of the overview', () => {
  it('is the last hour, a point each ten seconds', () => {
    const memory = new OverviewMemory();
    for (let seconds = 0; seconds <= 2 * 3_600; seconds += 2) overviewOf(sample(seconds), memory);
    const { history } = overviewOf(sample(2 * 3_600), memory);
    expect([history.length, history[0]?.at, history.at(-1)?.at]).toEqual([361, at(3_600), at(7_200)]);
  });
});
