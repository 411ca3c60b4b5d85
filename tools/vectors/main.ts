import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vectorFiles, vectorFolder } from '@tributary/type-matrix';

/** Writes libs/contract/vectors anew from the servers of `npm run stack -- up --mysql both`. */
const servers = [
  ['mysql', 'ADMIN_MYSQL_URL'],
  ['mariadb', 'ADMIN_MARIADB_URL'],
] as const;

for (const [server, variable] of servers) {
  const url = process.env[variable];
  if (url === undefined) {
    process.stderr.write(
      `vectors: ${variable} is missing: run "npm run stack -- up --mysql both", then eval "$(npm run -s stack -- env)".\n`,
    );
    process.exit(1);
  }
  for (const [name, text] of await vectorFiles(server, url)) {
    const path = join(vectorFolder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    process.stdout.write(`${path}\n`);
  }
}
