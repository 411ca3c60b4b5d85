/**
 * The specs on servers that take longest, the longest first, by the end of their path. What begins last may run alone:
 * while a spec of two minutes does, the other workers have nothing to do. Jest would go by its cache of a former run, which
 * a fresh clone does not have, and then by the size of the files, which says little.
 */
const slowest = [
  'e2e/drift.spec.ts',
  'e2e/target-trouble.spec.ts',
  'e2e/faults.spec.ts',
  'e2e/spark-verify.spec.ts',
  'e2e/spark.spec.ts',
  'e2e/type-matrix.spec.ts',
  'e2e/secure.spec.ts',
  'e2e/alerts.spec.ts',
  'cli/test/pipeline.spec.ts',
  'e2e/sweep.spec.ts',
  'e2e/loads.spec.ts',
  'e2e/spark-import.spec.ts',
  'e2e/source-settings.spec.ts',
  'e2e/console.spec.ts',
  'e2e/relay.spec.ts',
  '/spark/test/own-server.spec.ts',
  '/test/packed.spec.ts',
  '/test/group.spec.ts',
  'e2e/first-run.spec.ts',
  'e2e/verify.spec.ts',
  'e2e/source-set-back.spec.ts',
  'e2e/pipeline.spec.ts',
  '/test/snapshot-runner.spec.ts',
  '/test/mongo-writer.spec.ts',
  '/test/compression.spec.ts',
  'cli/test/wrong-settings.spec.ts',
  'cli/test/output.spec.ts',
  '/test/differential.spec.ts',
  '/test/identity.spec.ts',
  '/test/places.spec.ts',
  'e2e/alert-rules.spec.ts',
  '/test/lag.spec.ts',
  'console/test/attacks.spec.ts',
  'console/test/pipeline.spec.ts',
  '/spark/test/network.spec.ts',
  '/sink/test/sink-pipeline.spec.ts',
];

const rank = ({ path }) => {
  const at = slowest.findIndex((ending) => path.endsWith(ending));
  return at < 0 ? slowest.length : at;
};

/** Jest's order of spec files: the slowest, then those on servers, then the units. */
module.exports = class SlowFirst {
  static slowest = slowest;

  sort(tests) {
    const unit = ({ context }) => (context.config.displayName?.name === 'unit' ? 1 : 0);
    return [...tests].sort((a, b) => rank(a) - rank(b) || unit(a) - unit(b) || a.path.localeCompare(b.path));
  }

  cacheResults() {
    // The order is the same in every run.
  }
};
