import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connectServerArguments,
  propertiesText,
  serverConf,
  serverVariables,
  SPARK_VERSION,
} from '@tributary/spark';
import { stackEnvOf } from '../addresses';
import { requireJava } from '../install/maven';
import { installedSpark } from '../install/spark';
import type { NativeServer } from './server';

/** Two tasks at a time on this machine, each tried four times. */
const LOCAL_MASTER = 'local[2,4]';

/** What lives for minutes pays the optimising compiler and parallel collectors more than they give back. */
export const briefJvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export const sparkServer: NativeServer = {
  name: 'spark',
  graceMs: 15_000,
  async prepare({ stack, record, folder, say }) {
    const command = await requireJava();
    const home = await installedSpark(say);
    const temporary = join(folder, 'temporary');
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    const propertiesFile = join(folder, 'spark.properties');
    const conf = {
      ...serverConf(record.port),
      'spark.driver.host': '127.0.0.1',
      'spark.driver.bindAddress': '127.0.0.1',
      'spark.sql.warehouse.dir': join(folder, 'warehouse'),
    };
    writeFileSync(propertiesFile, propertiesText(conf), { mode: 0o600 });
    const jars = join(home, 'jars');
    const server = { jars, memory: '2g', master: LOCAL_MASTER, propertiesFile, temporary };
    return {
      command,
      args: [...(record.longRunning ? [] : briefJvm), ...connectServerArguments(server)],
      // Workers are its children: they find the other servers of the stack by what they inherit.
      env: { ...stackEnvOf(stack, stack.servers.mariadb !== undefined), ...serverVariables(home) },
      version: SPARK_VERSION,
    };
  },
};
