import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { javaPartitioner, murmur2 } from './java-partitioner';

describe('javaPartitioner', () => {
  it('has the hashes of the tests of the Java client', () => {
    // org.apache.kafka.common.utils.UtilsTest#testMurmur2
    const expected = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      abc: 479470107,
    };
    for (const [text, hash] of Object.entries(expected)) expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('agrees with the default partitioner of the client on any key', () => {
    const reference = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
      partitionId,
      leader: 1,
    })) as never;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const key = Buffer.from(bytes);
        const topic = 't';
        const partition = javaPartitioner(Infinity)()({
          topic,
          partitionMetadata,
          message: { key, value: null },
        });
        expect(partition).toBe(reference({ topic, partitionMetadata, message: { key, value: null } }));
      }),
      { numRuns: 500 },
    );
  });

  it('R3: divides by the count that it was given, whatever the broker has now', () => {
    const metadata = (count: number) =>
      Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 })) as never;
    const topic = 't';
    for (let at = 0; at < 100; at += 1) {
      const of = (count: number) =>
        javaPartitioner(4)()({
          topic,
          partitionMetadata: metadata(count),
          message: { key: Buffer.from(`key ${at}`), value: null },
        });
      expect(of(8)).toBe(of(4));
    }
  });
});
