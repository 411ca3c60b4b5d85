import { leaveOut } from './leave-out';
import type { Decoded } from './round-decoder';
import { RoundRecords, type SinkBatch, type SinkRecord } from './round-records';

const record = (table: string, offset: string): SinkRecord => ({
  ...{ key: Buffer.from(JSON.stringify({ table, key: { id: 1 } })), value: null, headers: {}, offset },
});
const batch = (partition: number, ...tables: string[]): SinkBatch => ({
  ...{ topic: 't', partition },
  records: tables.map((table, at) => record(table, String(at))),
});

describe('leaveOut', () => {
  it('R11: a dead letter of a table that is left out waits with the rest of it, in its partition only', () => {
    const round = [batch(0, 'd.t', 'd.u'), batch(1, 'd.t')];
    const rejected = round.flatMap((one) =>
      one.records.map((of) => ({
        ...{ batch: one, record: of, rejection: { code: 'CRC_MISMATCH' as const, reason: 'a test' } },
      })),
    );
    const whole: Decoded<SinkRecord> = {
      ...{ changes: [], controls: [], steps: [], tables: new Map(), rejected },
    };
    const { decoded, missed } = leaveOut(
      whole,
      new RoundRecords(round),
      (table, partition) => table === 'd.t' && partition === 0,
    );
    expect(decoded.rejected).toEqual(rejected.slice(1));
    expect(missed).toEqual(new Map([[0, new Set(['d.t'])]]));
  });
});
