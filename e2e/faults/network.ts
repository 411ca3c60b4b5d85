import { openKafkaProxy, TcpProxy } from '@tributary/testing';
import { links, type App, type Link } from './schedule';

export interface ServerAddresses {
  readonly MYSQL_URL: string;
  readonly KAFKA_BROKERS: string;
  readonly MONGODB_URI: string;
  readonly REDIS_URL: string;
}

const variables = {
  mysql: 'MYSQL_URL',
  kafka: 'KAFKA_BROKERS',
  mongodb: 'MONGODB_URI',
  redis: 'REDIS_URL',
} as const;

/** A proxy for each pair of a service and a server that talk to each other. */
export class Network {
  private constructor(
    private readonly addresses: ServerAddresses,
    private readonly proxies: ReadonlyMap<Link, TcpProxy>,
  ) {}

  static async open(addresses: ServerAddresses): Promise<Network> {
    const proxies = new Map<Link, TcpProxy>();
    for (const link of links) {
      const server = serverOf(link);
      const address = hostAndPort(addresses[variables[server]]);
      proxies.set(link, await (server === 'kafka' ? openKafkaProxy(address) : TcpProxy.open(address)));
    }
    return new Network(addresses, proxies);
  }

  proxy(link: Link): TcpProxy {
    return this.proxies.get(link)!;
  }

  /** The addresses that a service is given. */
  envOf(app: App): ServerAddresses {
    const env: Record<keyof ServerAddresses, string> = { ...this.addresses };
    for (const [link, proxy] of this.proxies) {
      if (!link.startsWith(`${app}>`)) continue;
      const variable = variables[serverOf(link)];
      env[variable] = env[variable].replace(hostAndPort(env[variable]), proxy.address);
      // Else the driver would ask for the other members, and go around the proxy.
      if (variable === 'MONGODB_URI' && !env[variable].includes('directConnection'))
        env[variable] += `${env[variable].includes('?') ? '&' : '?'}directConnection=true`;
    }
    return env;
  }

  /** Ends every fault of every connection. */
  heal(): void {
    for (const proxy of this.proxies.values()) {
      proxy.delay(0);
      proxy.flow();
      proxy.accept();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()));
  }
}

const serverOf = (link: Link) => link.split('>')[1] as keyof typeof variables;

/** The first host and port of an address; credentials before them are left out. */
function hostAndPort(address: string): string {
  const found = /(?:^|@|:\/\/)([^@/:?,]+:\d+)(?=[/?,]|$)/.exec(address)?.[1];
  if (!found) throw new Error(`No host and port in a server's address: give one like 127.0.0.1:9092.`);
  return found.replace('localhost', '127.0.0.1');
}
