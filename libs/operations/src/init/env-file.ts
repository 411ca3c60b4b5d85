import type { PipelineNames } from './names';

type Variables = Readonly<Record<string, string | undefined>>;

/** Of the other servers: what they look like where nothing is known of them. */
const others = {
  KAFKA_BROKERS: 'localhost:9092',
  MONGODB_URI: 'mongodb://localhost:27017',
  REDIS_URL: 'redis://localhost:6379',
} as const;

/** TLS and logins, which are taken over where they are set. Certificates go by files: a text of many lines is none of a variable's here. */
const options = [
  ...['KAFKA_SSL', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
  ...['KAFKA_SSL', 'REDIS_SSL'].flatMap((prefix) => ['CA', 'CERT', 'KEY'].map((kind) => `${prefix}_${kind}`)),
];

/** The variables of services and command line: the new account's login, the others as they are set now. */
export function envText({
  mysqlUrl,
  syncFile,
  variables,
}: {
  readonly mysqlUrl: string;
  readonly syncFile: string;
  readonly variables: Variables;
}): string {
  const known = (name: string) =>
    [`${name}_FILE`, name].flatMap((each) => {
      const value = variables[each]?.trim();
      return value && !/[\r\n]/.test(value) ? [line(each, value)] : [];
    })[0];
  return [
    '# For the services and the command line; docs/deploy.md has every variable. It holds passwords: show it to nobody.\n',
    '# In a shell: set -a; . FILE; set +a\n',
    line('MYSQL_URL', mysqlUrl),
    ...Object.entries(others).map(
      ([name, example]) => known(name) ?? `# Correct this one where it is not so:\n${line(name, example)}`,
    ),
    ...options.flatMap((name) => known(name) ?? []),
    line('SYNC_CONFIG', syncFile),
  ].join('');
}

/** The address of the new account: of the same server, and with the same TLS. */
export function accountUrl(mysqlUrl: string, { account }: PipelineNames, password: string): string {
  const url = new URL(mysqlUrl);
  url.username = account;
  url.password = password;
  url.pathname = '';
  return url.href;
}

const line = (name: string, value: string) => `${name}=${shellQuoted(value)}\n`;

/** A word for a shell; plain where it can be, since not all who read such files know quotes. */
export const shellQuoted = (text: string): string =>
  /^[\w@%+=:,./?-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
