import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVersion, verdictCodes } from '@tributary/contract';
import { rowVerdict, targetVerdict, type RowFacts, type TargetFacts } from './verdict';

const version = (id: number) => formatVersion(1, BigInt(id));
const event = (id: number) => ({
  ...{ offset: '7', version: version(id), op: 'u' as const, snapshot: false, before: null, after: null },
  ...{ changedAt: '2026-11-29T10:00:00.000Z', writtenAt: '2026-11-29T10:00:00.100Z' },
});
const row = (facts: Partial<RowFacts>): RowFacts => ({
  ...{
    table: 'shop.t',
    notCaptured: null,
    inSource: true,
    log: [],
    relay: '',
    deadLetters: [],
    paused: undefined,
    load: undefined,
  },
  ...{ newestChange: event(5), newestValidated: event(5), ceiling: version(9) },
  logCut: false,
  validator: { name: 'validator', members: 1, lag: 0, next: 7n },
  ...facts,
});
const target = (facts: Partial<TargetFacts>): TargetFacts => ({
  ...{
    target: 'mongo',
    stage: { name: 'mongo-sink', members: 1, lag: 0, next: 8n },
    suspended: undefined,
    loadsStage: undefined,
  },
  ...{ finding: { kind: 'different', columns: [] }, version: version(5) },
  ...facts,
});

/** Each verdict is caused on real servers in apps/cli/test/pipeline/trace.ts; here are the cases between two of them. */
describe('the verdict on a row', () => {
  it('codes are those of docs/trace.md, in its order', () => {
    const page = readFileSync(join(__dirname, '../../../../docs/trace.md'), 'utf8');
    expect([...page.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code)).toEqual(verdictCodes);
  });

  it('an old dead letter does not explain a difference that a newer version has', () => {
    const deadLetters = [{ id: '0:1', code: 'X', reason: 'r', stage: 'mongo-sink', version: version(4) }];
    expect(targetVerdict(row({ deadLetters }), target({})).code).toBe('FOREIGN_EDIT');
    const rejected = deadLetters.map((one) => ({ ...one, version: version(5) }));
    expect(targetVerdict(row({ deadLetters: rejected }), target({ version: version(3) })).code).toBe(
      'DEAD_LETTER',
    );
  });

  it('what a sink has confirmed and the target lacks is not on its way', () => {
    const behind = { version: version(4) };
    expect(targetVerdict(row({}), target(behind)).code).toBe('FOREIGN_EDIT');
    for (const next of [7n, undefined]) {
      const stage = { name: 'mongo-sink', members: 1, lag: 3, next };
      expect(targetVerdict(row({}), target({ ...behind, stage })).code).toBe('BEFORE_SINK');
    }
  });

  it('a change that the validator rejected does not wait for it', () => {
    const deadLetters = [{ id: '0:1', code: 'X', reason: 'r', stage: 'validator', version: version(6) }];
    const newer = { newestChange: event(6) };
    expect(targetVerdict(row(newer), target({})).code).toBe('BEFORE_VALIDATOR');
    expect(targetVerdict(row({ ...newer, deadLetters }), target({})).code).toBe('DEAD_LETTER');
  });

  it('a rejected change that a newer one has passed is not what the target waits for', () => {
    const deadLetters = [{ id: '0:1', code: 'X', reason: 'r', stage: 'mongo-sink', version: version(4) }];
    const stage = { name: 'mongo-sink', members: 1, lag: 1, next: 7n };
    expect(targetVerdict(row({ deadLetters }), target({ version: version(3), stage })).code).toBe(
      'BEFORE_SINK',
    );
  });

  it('a row that somebody put there was not missed by a snapshot', () => {
    const none = { newestChange: undefined, newestValidated: undefined };
    const held = (kind: 'missing' | 'extra') =>
      targetVerdict(row(none), target({ version: undefined, finding: { kind, columns: [] } })).code;
    expect([held('missing'), held('extra')]).toEqual(['NEVER_LOADED', 'FOREIGN_EDIT']);
  });

  it('a row whose load is on its way waits for who reads the loads', () => {
    const none = { newestChange: undefined, newestValidated: undefined };
    const validator = { name: 'validator', members: 1, lag: 3, next: 7n };
    const loadsStage = { name: 'mongo-sink', members: 1, lag: 3, next: 7n };
    const waits = (load: Partial<RowFacts['load'] & object>, held: Partial<TargetFacts> = {}) =>
      targetVerdict(
        row({ ...none, load: { ...none, validator, ...load } }),
        target({ version: undefined, finding: { kind: 'missing', columns: [] }, loadsStage, ...held }),
      ).code;
    expect(waits({ newestChange: event(5) })).toBe('BEFORE_VALIDATOR');
    expect(waits({ newestChange: event(5), newestValidated: event(5) })).toBe('BEFORE_SINK');
    expect(waits({ newestValidated: event(5) }, { loadsStage: { ...loadsStage, next: 8n } })).toBe(
      'FOREIGN_EDIT',
    );
    expect(waits({})).toBe('NEVER_LOADED');
  });

  it('a log that was not looked through whole may hold the change', () => {
    expect(targetVerdict(row({ logCut: true }), target({})).code).toBe('IN_LOG');
  });

  it('of several targets the one that is worst off counts', () => {
    const verdicts = [target({ finding: undefined }), target({})].map((one) => targetVerdict(row({}), one));
    expect(rowVerdict(verdicts).code).toBe('FOREIGN_EDIT');
  });
});
