import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPair, differences, line } from './differential/compare';
import { scenarios } from './differential/workload';
import { flavours, openSource, type Source } from './servers';

/** The documented differences: names in the first column of the table in docs/application.md. */
const documented = new Set(
  readFileSync(join(__dirname, '../../../docs/application.md'), 'utf8')
    .split('\n')
    .flatMap((line) => /^\| `([a-z-]+)`/.exec(line)?.[1] ?? []),
);

describe.each(flavours)('an application on %s', (flavour) => {
  let source: Source;
  beforeAll(async () => {
    source = await openSource(flavour);
    // MySQL 8.0.12 refuses a locale the first time that a server is asked for it, where it lacks its file of messages.
    await source.admin.query(`SET lc_time_names = 'de_DE'`).catch(() => undefined);
    await source.admin.query(`SET lc_time_names = DEFAULT`);
    await buildPair(source);
  });
  afterAll(async () => {
    for (const kind of ['plain', 'captured'])
      await source.admin.query(`DROP DATABASE IF EXISTS ${source.database}_${kind}`);
    await source.close();
  });

  it.each(scenarios.filter(({ only = flavour }) => only === flavour))(
    'R1: sees the same with and without capture: $name',
    async (scenario) => {
      const { probes = ['counts', 'warnings'] } = scenario;
      for (const probe of probes) {
        const found = await differences(source, scenario, probe);
        expect(found.filter((difference) => difference.documented === undefined).map(line)).toEqual([]);
        // A difference that is gone is to be struck from the documentation.
        if (probe === probes[0])
          for (const difference of found) expect(difference).not.toMatchObject({ captured: 'the same' });
        for (const difference of found) expect([...documented]).toContain(difference.documented);
      }
    },
    60_000,
  );
});
