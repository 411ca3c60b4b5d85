import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const script = join(__dirname, '../../../../deploy/spark/entrypoint.sh');

describe('the entrypoint of the image of Spark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-entrypoint-'));
  beforeAll(() => writeFileSync(join(folder, 'java'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 }));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What `connect` gives to Java. */
  const connect = (env: Record<string, string>, ...args: string[]) =>
    execFileSync('sh', [script, 'connect', ...args], {
      ...{ encoding: 'utf8', cwd: folder },
      env: { PATH: `${folder}:${process.env['PATH']}`, TMPDIR: folder, SPARK_HOME: folder, ...env },
    }).split('\n');

  it('listens on the port that it is told', () => {
    expect(connect({})).toContain('spark.connect.grpc.binding.port=15002');
    expect(connect({ SPARK_PORT: '15003' })).toContain('spark.connect.grpc.binding.port=15003');
  });

  it('takes no variable of Kubernetes about a service named spark for a port', () => {
    expect(connect({ SPARK_PORT: 'tcp://10.96.31.109:15002' })).toContain(
      'spark.connect.grpc.binding.port=15002',
    );
  });

  it('on Kubernetes its executors belong to its pod, unless an argument says otherwise', () => {
    const pod = `spark.kubernetes.driver.pod.name=${hostname()}`;
    expect(connect({ SPARK_MASTER: 'spark://master:7077' })).not.toContain(pod);
    const other = 'spark.kubernetes.driver.pod.name=other';
    const given = connect({ SPARK_MASTER: 'k8s://https://kubernetes.default.svc' }, '--conf', other);
    expect(given).toContain(pod);
    expect(given.indexOf(other)).toBeGreaterThan(given.indexOf(pod));
  });
});
