// Runs a service's bundle (BENCH_BUNDLE) under the CPU profiler and writes the profile when the process exits.
// node:inspector, because node 20 does not take --cpu-prof from NODE_OPTIONS.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const { BENCH_BUNDLE, BENCH_PROFILE } = process.env;
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: 1000 });
session.post('Profiler.start');
process.on('exit', () =>
  session.post('Profiler.stop', (_error, { profile }) =>
    writeFileSync(BENCH_PROFILE, JSON.stringify(profile)),
  ),
);
await import(BENCH_BUNDLE);
