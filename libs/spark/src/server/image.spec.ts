import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { sparkArtifacts } from './artifacts';
import { propertiesText, sparkJvmArguments } from './jvm-arguments';

const root = join(__dirname, '../../../..');
const file = (path: string) => readFileSync(join(root, path), 'utf8');

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly build: { readonly dockerfile: string; readonly args: Record<string, string> };
  readonly environment: Record<string, string>;
  readonly read_only: boolean;
}

describe('the image of Spark', () => {
  const dockerfile = file('deploy/Dockerfile.spark');

  it('has the jars of the other servers, and those of Kubernetes', () => {
    const pom = file('deploy/spark/pom.xml')
      .replaceAll('${spark.version}', /<spark\.version>(.*)</.exec(file('deploy/spark/pom.xml'))![1]!)
      .replaceAll('${scala.version}', /<scala\.version>(.*)</.exec(file('deploy/spark/pom.xml'))![1]!);
    const parts = /<groupId>(.*)<\/groupId>\s*<artifactId>(.*)<\/artifactId>\s*<version>(.*)<\/version>/g;
    const dependencies = pom.slice(pom.indexOf('<dependencies>'));
    const named = [...dependencies.matchAll(parts)].map(([, ...coordinate]) => coordinate.join(':'));
    expect(named.filter((name) => !name.includes('kubernetes')).sort()).toEqual([...sparkArtifacts].sort());
    expect(named.filter((name) => name.includes('kubernetes'))).toHaveLength(1);
  });

  it('starts Java with the arguments of the other servers', () => {
    const shared = sparkJvmArguments('', '1g').slice(1, -2);
    expect(file('deploy/spark/jvm.args').trim().split('\n')).toEqual(shared);
  });

  it('copies what is there, and does not run as root', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
      names!.split(' '),
    );
    expect(sources).toContain('deploy/spark/entrypoint.sh');
    expect(sources.filter((name) => !existsSync(join(root, name)))).toEqual([]);
    const sent = file('.dockerignore').match(/(?<=^!).+/gm)!;
    const isSent = (name: string) => sent.some((path) => name === path || name.startsWith(`${path}/`));
    expect(sources.filter((name) => !isSent(name))).toEqual([]);
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
  });
});

describe('docker-compose.yml', () => {
  const { services } = parse(file('docker-compose.yml'), { merge: true }) as {
    services: Record<string, Service>;
  };

  it('has Spark in a profile of its own, and starts without it', () => {
    const { spark } = services;
    expect(spark).toMatchObject({
      ...{ image: 'tributary/spark', profiles: ['spark'], read_only: true },
      build: { dockerfile: 'deploy/Dockerfile.spark', args: { NODE_IMAGE: expect.any(String) } },
    });
    const { environment } = spark!;
    expect(Object.keys(environment)).toEqual(
      expect.arrayContaining(['MYSQL_URL', 'KAFKA_BROKERS', 'MONGODB_URI', 'REDIS_URL', 'SPARK_TOKEN']),
    );
  });
});

it('a properties file keeps every character', () => {
  expect(propertiesText({ 'a.b': 'local[2,4]', c: 'x = #!\\ü\n' })).toBe(
    'a.b=local[2,4]\nc=x\\u0020\\u003d\\u0020\\u0023\\u0021\\u005c\\u00fc\\u000a\n',
  );
});
