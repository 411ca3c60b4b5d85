import { setTimeout as sleep } from 'node:timers/promises';
import { fatal, transient } from '@tributary/kernel';
import type { SparkAddress } from './address';
import { CALL_MS, Connection } from './client/connection';
import { explained } from './client/explained';
import { parseRemote, type Remote } from './client/remote';
import { OwnServer } from './server/own-server';
import { SparkSession } from './session';

/** How long our own server may take until it answers, milliseconds. */
const START_MS = 180_000;

/** Statements of ours mean the same whatever the server's defaults are. */
const ourConf = { 'spark.sql.session.timeZone': 'UTC', 'spark.sql.parser.escapedStringLiterals': 'false' };

/**
 * Opens a session at a server that runs, or starts one first. Throws a SyncError of one sentence: nobody listens, not a
 * Spark Connect server, Java or Spark's jars are missing and how to get them.
 */
export async function openSpark(address: SparkAddress): Promise<SparkSession> {
  const { remote, master, conf = {} } = address;
  if ((remote === undefined) === (master === undefined))
    throw fatal('CONFIG', 'Either the address of a Spark server or a master must be given, not both.');
  if (remote === undefined) return onOwnServer(address);
  const session = await connected(parseRemote(remote));
  return configured(session, { ...ourConf, ...conf });
}

async function configured(session: SparkSession, conf: Readonly<Record<string, string>>) {
  try {
    await session.setConf(conf);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function connected(remote: Remote, server?: OwnServer): Promise<SparkSession> {
  const connection = new Connection(remote);
  try {
    const asked = { ...connection.common, analyze: { case: 'sparkVersion' as const, value: {} } };
    const answer = await connection.client.analyzePlan(asked, { timeoutMs: CALL_MS });
    connection.observe(answer);
    const version = answer.result.case === 'sparkVersion' ? answer.result.value.version : '';
    if (Number.parseInt(version, 10) < 4)
      throw fatal('SPARK_VERSION', `The server runs Spark ${version}, and Spark 4.0 or newer is needed.`);
    return new SparkSession(connection, version, server);
  } catch (error) {
    const sentence = await explained(connection, error);
    connection.drop();
    throw sentence;
  }
}

async function onOwnServer(address: SparkAddress): Promise<SparkSession> {
  const { say = () => undefined, master } = address;
  const began = Date.now();
  const server = await OwnServer.start(address);
  say(`starting Spark (${master}), which takes 10 to 20 seconds`);
  try {
    for (;;) {
      try {
        const session = await connected(server.remote, server);
        say(`Spark ${session.version} answers (${((Date.now() - began) / 1000).toFixed(1)} s)`);
        return await configured(session, ourConf);
      } catch (error) {
        if (!server.running) throw server.failure();
        if (Date.now() - began > START_MS)
          throw transient(
            'SPARK_START',
            `The Spark server does not answer after ${START_MS / 1000} s.`,
            error,
          );
      }
      await sleep(250);
    }
  } catch (error) {
    await server.stop({ keepLog: true });
    throw error;
  }
}
