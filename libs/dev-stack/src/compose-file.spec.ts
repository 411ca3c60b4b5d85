import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly healthcheck?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const root = join(__dirname, '../../..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Readonly<Record<string, Service>> };
const all = Object.entries(services);
const commands = [
  ...readFileSync(join(root, 'docs/reference/commands.md'), 'utf8').matchAll(/^## tributary (.+)$/gm),
].map(([, name]) => name);

describe('docker-compose.yml', () => {
  it('waits only for services that are started, for health where it is looked at, and for the end of what ends', () => {
    const waits = all.flatMap(([name, { depends_on = {} }]) =>
      Object.entries(depends_on).map(([on, { condition }]) => ({ name, on, condition })),
    );
    expect(waits.length).toBeGreaterThan(10);
    for (const { name, on, condition } of waits) {
      const awaited = services[on];
      expect([name, on, awaited?.profiles]).toEqual([name, on, undefined]);
      const expected = awaited?.healthcheck ? 'service_healthy' : 'service_completed_successfully';
      expect([name, on, condition]).toEqual([name, on, expected]);
    }
  });

  it('runs commands that the command line has, each once', () => {
    const run = all.filter(([, { image, command }]) => image === 'tributary/cli' && command);
    expect(run.map(([name]) => name)).toEqual(['capture-setup', 'doctor']);
    for (const [, { command, restart }] of run) {
      expect(commands).toContain(command!.join(' '));
      expect(restart).toBeUndefined();
    }
  });

  it('lets the doctor see every server that a service does, and keeps nothing from starting for it', () => {
    const { doctor } = services;
    const servers = /^(MYSQL_URL|KAFKA_BROKERS|MONGODB_URI|REDIS_URL)$/;
    for (const [, { environment = {} }] of all)
      for (const [variable, value] of Object.entries(environment))
        if (servers.test(variable)) expect(doctor!.environment?.[variable]).toBe(value);
    expect(all.filter(([, { depends_on = {} }]) => 'doctor' in depends_on)).toEqual([]);
  });
});
