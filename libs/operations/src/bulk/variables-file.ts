import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fatal } from '@tributary/kernel';

/** What says where the servers are and how to log in; whatever else a worker inherits is its own. */
const passedOn = /^(APP_MYSQL|MYSQL|KAFKA|MONGODB|REDIS)_|^LOG_LEVEL$|^NODE_EXTRA_CA_CERTS$/;

/** Variables that hold paths which the workers must find too. */
const paths = /_FILE$/;

/**
 * A file with the variables of this process, which only its user can read, for workers on the same machine: a command line, and
 * the environment of an engine, can be seen by others.
 */
export class VariablesFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tributary-bulk-'));
  readonly path = join(this.#folder, 'worker.env');

  constructor(variables: NodeJS.ProcessEnv, configPath: string) {
    const lines = Object.entries(variables).flatMap(([name, value]) =>
      passedOn.test(name) && value ? [line(name, paths.test(name) ? resolve(value) : value)] : [],
    );
    writeFileSync(this.path, [...lines, line('SYNC_CONFIG', resolve(configPath)), ''].join('\n'), {
      mode: 0o600,
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** As `util.parseEnv` reads it: quoted, nothing in a value has a meaning but the quote itself. */
function line(name: string, value: string): string {
  const quote = ["'", '`'].find((one) => !value.includes(one));
  if (!quote)
    throw fatal(
      'ENV',
      `${name} holds both ' and \`, so it cannot be given to workers: name a file by ${name}_FILE.`,
    );
  return `${name}=${quote}${value}${quote}`;
}
