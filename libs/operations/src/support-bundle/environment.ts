import { readFileSync } from 'node:fs';
import { targetPlugins } from '@tributary/targets';
import type { Redactor } from './redactor';

type Variables = NodeJS.ProcessEnv;

/** Shown as they are: they name no account and hold no secret. */
const open = new Set([
  'KAFKA_BROKERS',
  'KAFKA_SSL',
  'KAFKA_SASL_MECHANISM',
  'LOG_LEVEL',
  'PORT',
  'HTTP_HOST',
  'SYNC_CONFIG',
]);

const names = [
  ...['MYSQL_URL', ...open, 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
  ...['CA', 'CERT', 'KEY'].map((kind) => `KAFKA_SSL_${kind}`),
  ...targetPlugins.flatMap(({ env }) => env.part.names),
];

/** Which variables are set, and of each what is no secret: of an address protocol, hosts and the names of its options. */
export function shownEnvironment(variables: Variables): Record<string, string> {
  const shown = names.flatMap((name): [string, string][] => {
    const file = variables[`${name}_FILE`];
    if (file) return [[`${name}_FILE`, '(set)']];
    const value = variables[name]?.trim();
    return value ? [[name, open.has(name) ? value : addressText(value)]] : [];
  });
  return Object.fromEntries(shown);
}

function addressText(value: string): string {
  const { address, query } = parted(value);
  // An unencoded "?" in the password: what comes before it would pass for a host.
  if (!address.includes('@') && value.includes('@')) return '(set)';
  const [, protocol, hosts] = /^([\w+]+:\/\/)(?:.*@)?([^@/]*)/s.exec(address) ?? [];
  if (protocol === undefined) return '(set)';
  const options = [...query.keys()].map((name) => `${name}=…`);
  return `${protocol}${hosts}${options.length > 0 ? `?${options.join('&')}` : ''}`;
}

/** The options of an address may hold an `@`, so that they come off before anybody looks for the login. */
function parted(value: string): { readonly address: string; readonly query: URLSearchParams } {
  const at = value.indexOf('?');
  return at < 0
    ? { address: value, query: new URLSearchParams() }
    : { address: value.slice(0, at), query: new URLSearchParams(value.slice(at + 1)) };
}

/** Passwords and keys of the environment, in every form in which a message could quote them. */
export function addSecrets(redactor: Redactor, variables: Variables): void {
  for (const name of names.filter((each) => !open.has(each)))
    for (const value of [variables[name], fileText(variables[`${name}_FILE`])]) {
      if (!value) continue;
      redactor.add(value);
      const { address, query } = parted(value);
      if (address.includes('://')) redactor.add(...[...query].filter(isSecret).map(([, text]) => text));
      const [, login] = /^[\w+]+:\/\/(.*)@/s.exec(address) ?? [];
      const password = login?.slice(login.indexOf(':') + 1);
      if (login?.includes(':') && password) redactor.add(password, decoded(password));
    }
}

const isSecret = ([name]: readonly [string, string]) => /password|secret|token|key|cert/i.test(name);

function fileText(path: string | undefined): string | undefined {
  try {
    return path && readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
