/**
 * What keeps a processor busy, by the end of its path, with about its seconds when it runs alone. They begin first, and
 * what waits for servers most of the time is spread between them, so that one worker of three has that while two have
 * these: three of these at once take longer than one after another, and wait for each other until they miss their limits.
 * Those that share Spark's two slots stand apart.
 */
const busy = [
  ['e2e/drift.spec.ts', 60],
  ['e2e/target-trouble.spec.ts', 190],
  ['e2e/faults.spec.ts', 120],
  ['e2e/secure.spec.ts', 150],
  ['e2e/alerts.spec.ts', 200],
  ['e2e/console.spec.ts', 110],
  ['e2e/sweep.spec.ts', 60],
  ['cli/test/pause.spec.ts', 80],
  ['e2e/type-matrix.spec.ts', 120],
  ['cli/test/pipeline.spec.ts', 150],
  ['e2e/spark.spec.ts', 80],
  ['e2e/loads.spec.ts', 90],
  ['e2e/spark-verify.spec.ts', 50],
  ['e2e/spark-import.spec.ts', 30],
  ['e2e/source-settings.spec.ts', 40],
  ['e2e/pipeline.spec.ts', 50],
];

/** The longest of the others: what begins last may run alone, while the other workers have nothing to do. */
const long = [
  '/test/group.spec.ts',
  'sink/test/loads.spec.ts',
  'capture/test/floor.spec.ts',
  'trigger-relay/test/lag.spec.ts',
  'e2e/alert-rules.spec.ts',
  'sink/test/paused-tables.spec.ts',
  '/spark/test/own-server.spec.ts',
  '/test/packed.spec.ts',
];
/** About what one of the others takes, seconds. */
const OTHER_SECONDS = 15;
/** Workers that have busy specs at a time. */
const BUSY_WORKERS = 2;

const rankIn = (endings, { path }) => {
  const at = endings.findIndex((ending) => path.endsWith(ending));
  return at < 0 ? endings.length : at;
};
const isUnit = ({ context }) => (context.config.displayName?.name === 'unit' ? 1 : 0);

/** Jest's order of spec files. */
module.exports = class SpecOrder {
  static endings = [...busy.map(([ending]) => ending), ...long];

  sort(tests) {
    const rank = (test) => rankIn(SpecOrder.endings, test);
    const sorted = [...tests].sort(
      (a, b) => rank(a) - rank(b) || isUnit(a) - isUnit(b) || a.path.localeCompare(b.path),
    );
    const others = sorted.filter((test) => rank(test) >= busy.length);
    return sorted
      .filter((test) => rank(test) < busy.length)
      .flatMap((test, at) => {
        const seconds = at < BUSY_WORKERS ? 0 : busy[rank(test)][1] / BUSY_WORKERS;
        return [...others.splice(0, Math.round(seconds / OTHER_SECONDS)), test];
      })
      .concat(others);
  }

  cacheResults() {
    // The order is the same in every run.
  }
};
