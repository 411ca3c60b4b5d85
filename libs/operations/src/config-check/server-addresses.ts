import type { OperationContext } from '../context';

/** Scheme and hosts of a URL, which may name several, without account, path and options. */
const hostsOf = (url: string) => /^(\w[\w+]*:\/\/)(?:.*@)?([^/?#@]+)/.exec(url)?.slice(1).join('') ?? '';

/** Where the servers are that are in use, without names and passwords. */
export function serverAddresses({ servers }: Pick<OperationContext, 'servers'>): Record<string, string> {
  const { mysqlUrl, kafka, targets } = servers.env;
  const urls = Object.entries(targets).map(([name, address]) => {
    const { url, uri } = address as { readonly url?: string; readonly uri?: string };
    return [name, hostsOf(url ?? uri ?? '')] as const;
  });
  return { mysql: hostsOf(mysqlUrl), kafka: kafka.brokers.join(','), ...Object.fromEntries(urls) };
}
