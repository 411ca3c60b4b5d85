import type { Command } from 'commander';
import { supportBundle } from '@tributary/operations';
import { printable } from '../output/format';
import { runAlone } from '../run-command';

interface BundleOptions {
  readonly out?: string;
  readonly json?: boolean;
}

const help = `
Holds the sync file as it is understood, the checks of doctor, status, capture, snapshots, heartbeats, consumer offsets,
topics, dead letters by code, and /info of the services. No password, no condition and no value of a row is in it.
What cannot be had stands in it as one sentence.

Example:
  tributary support-bundle --out bundle.tar.gz
`;

export function supportBundleCommand(program: Command): void {
  program
    .command('support-bundle')
    .description('write one archive with all that somebody who helps needs to see, without secrets and rows')
    .option('--out <file>', 'default: tributary-support-<time>.tar.gz')
    .option('--json', 'print what is in it as JSON')
    .addHelpText('after', help)
    .action(
      runAlone<BundleOptions>(async ({ log, out, options }) => {
        const path =
          options.out ?? `tributary-support-${new Date().toISOString().replace(/[-:]|\..*/g, '')}.tar.gz`;
        const bundle = await supportBundle({ log }, { path });
        if (options.json) return out.json(bundle);
        for (const { file, error } of bundle.files) if (error) out.note(printable(`${file}: ${error}`));
        out.line(printable(bundle.path));
      }),
    );
}
