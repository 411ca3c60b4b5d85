import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { servicesAccount } from '../addresses';
import { certificateFiles } from '../certificates';
import type { ServerContext } from './server';

/** The rights of docs/deploy.md: what the Redis sink and the command line run, and nothing else. */
export const servicesRights =
  '~* -@all +client|setname +info +ping +select +eval +evalsha +get +mget +getrange +set +del ' +
  '+hget +hmget +hgetall +hkeys +hlen +hexists +hset +sadd +srem +smembers +sismember +sscan +scan';

/** Writes the configuration of a secure Redis, passwords included, which no command line may hold. */
export function writeSecureConfig({ folder, stack, record }: ServerContext): string {
  const { ca, serverCert, serverKey } = certificateFiles(stack.name);
  const file = join(folder, 'redis.conf');
  const lines = [
    'port 0',
    `tls-port ${record.port}`,
    `tls-cert-file "${serverCert}"`,
    `tls-key-file "${serverKey}"`,
    `tls-ca-cert-file "${ca}"`,
    'tls-auth-clients yes',
    'user default off',
    `user admin on >${stack.passwords.admin} ~* &* +@all`,
    `user ${servicesAccount} on >${stack.passwords.services} ${servicesRights}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}
