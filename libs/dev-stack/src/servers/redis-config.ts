import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { servicesAccount } from '../addresses';
import { certificateFiles } from '../certificates';
import type { ServerContext } from './server';

const session = '~* -@all +client|setname +info +ping +select +eval +evalsha';
/** Rights of the Redis sink, and nothing else (docs/security.md). Narrow `~*` to the keys of your sync file. */
const sinkRights = '+get +getrange +set +del +hget +hmget +hkeys +hlen +hset +sadd +srem +smembers +sscan';
/** Rights of the command line, which only reads. */
const readerRights =
  '+get +mget +getrange +hget +hmget +hkeys +hgetall +hlen +hexists +sismember +srandmember +sscan +scan +time';

/** Writes the configuration of a secure Redis, passwords included, which no command line may hold. */
export function writeSecureConfig({ folder, stack, record }: ServerContext): string {
  const { ca, serverCert, serverKey } = certificateFiles(stack.name);
  const file = join(folder, 'redis.conf');
  const services = (name: string, rights: string) =>
    `user ${name} on >${stack.passwords.services} ${session} ${rights}`;
  const lines = [
    'port 0',
    `tls-port ${record.port}`,
    `tls-cert-file "${serverCert}"`,
    `tls-key-file "${serverKey}"`,
    `tls-ca-cert-file "${ca}"`,
    'tls-auth-clients yes',
    'user default off',
    `user admin on >${stack.passwords.admin} ~* &* +@all`,
    services(servicesAccount, `${sinkRights} ${readerRights}`),
    services(`${servicesAccount}-sink`, sinkRights),
    services(`${servicesAccount}-cli`, readerRights),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}
