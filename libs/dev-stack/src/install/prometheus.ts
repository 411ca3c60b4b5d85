import { join } from 'node:path';
import { cached, type Say } from './cached';
import { isDebianLike, unpackPackages } from './debian';
import { which } from './tools';

/** Prometheus and its tool for rules, for tests. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Those on the PATH, else those of the Debian package, unpacked into the cache. Throws one sentence where there is neither. */
export async function prometheusPrograms(say: Say): Promise<PrometheusPrograms> {
  const [prometheus, promtool] = [which('prometheus'), which('promtool')];
  if (prometheus && promtool) return { prometheus, promtool };
  if (!isDebianLike())
    throw new Error(
      'prometheus and promtool are missing: install Prometheus 2.42 or newer and put both on the PATH.',
    );
  const base = await cached('prometheus', say, async (folder) => {
    say('fetching Prometheus from the Debian packages');
    await unpackPackages(['prometheus'], folder, say);
  });
  const program = (name: string) => join(base, 'usr/bin', name);
  return { prometheus: program('prometheus'), promtool: program('promtool') };
}
