import { writeFile } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { gzipSync } from 'node:zlib';
import { errorText, fatal, within } from '@tributary/kernel';
import { productVersion, readEnv, type Needs } from '@tributary/service';
import { createTar } from 'nanotar';
import { captureLines } from '../capture/status';
import type { OperationContext } from '../context';
import { runDoctor } from '../doctor/doctor';
import { explain } from '../explain';
import { Servers } from '../servers';
import { snapshotStatus } from '../snapshots/watch';
import { pipelineStatus } from '../status/pipeline-status';
import { usedPlugins } from '../targets/open-targets';
import { shownConfig } from './config';
import { addSecrets, shownEnvironment } from './environment';
import { consumerOffsets, deadLetterGroups, topicSettings } from './kafka-parts';
import { Redactor } from './redactor';
import { heartbeats, servicesInfo } from './services';
import { shownSnapshots, sourceServer } from './source';

export interface SupportBundleInput {
  /** Where the archive goes (`.tar.gz`); nothing is written over. */
  readonly path: string;
  readonly variables?: NodeJS.ProcessEnv;
}

export interface SupportBundle {
  readonly path: string;
  /** Its files; `error`: the sentence that stands there, because a server did not answer. */
  readonly files: readonly { readonly file: string; readonly error: string | null }[];
}

/** A server that answers nothing at all must not keep the rest from being told. */
const PART_MS = 40_000;

interface Part {
  readonly file: string;
  readonly needs: (config: Servers['config']) => Needs;
  readonly work: (context: OperationContext, redactor: Redactor) => Promise<unknown>;
}

const mysql = () => ({ mysql: true });
const kafka = () => ({ kafka: true });

/** Before the others: it waits for no server longer than two seconds, however busy that is. */
const status: Part = {
  file: 'status.json',
  needs: () => ({ mysql: true, kafka: true }),
  work: (context) => pipelineStatus(context),
};

const others: readonly Part[] = [
  {
    file: 'config.json',
    needs: () => ({}),
    work: async ({ servers }, redactor) => shownConfig(servers.config, redactor),
  },
  {
    file: 'doctor.json',
    needs: (config) => ({ mysql: true, kafka: true, targets: usedPlugins(config) }),
    work: runDoctor,
  },
  { file: 'source.json', needs: mysql, work: async ({ servers }) => sourceServer(await servers.mysql()) },
  { file: 'capture.json', needs: mysql, work: (context) => captureLines(context, {}) },
  {
    file: 'snapshots.json',
    needs: mysql,
    work: async (context, redactor) => shownSnapshots(await snapshotStatus(context, {}), redactor),
  },
  { file: 'heartbeats.json', needs: kafka, work: ({ servers }) => heartbeats(servers.kafka, servers.config) },
  { file: 'services.json', needs: kafka, work: ({ servers }) => servicesInfo(servers.kafka, servers.config) },
  {
    file: 'consumers.json',
    needs: kafka,
    work: ({ servers }) => consumerOffsets(servers.kafka, servers.config),
  },
  { file: 'topics.json', needs: kafka, work: ({ servers }) => topicSettings(servers.kafka, servers.config) },
  {
    file: 'dead-letters.json',
    needs: kafka,
    work: ({ servers }) => deadLetterGroups(servers.kafka, servers.config),
  },
];

/**
 * Writes one archive with all that somebody who helps needs to see, and no secret and no value of a row. What cannot be
 * had is one sentence in it. Throws a SyncError `FILE` when the archive cannot be written.
 */
export async function supportBundle(
  { log, signal }: Pick<OperationContext, 'log' | 'signal'>,
  { path, variables = process.env }: SupportBundleInput,
): Promise<SupportBundle> {
  const redactor = new Redactor();
  addSecrets(redactor, variables);
  const look = async (part: Part) => ({
    file: part.file,
    ...(await within(run(part, { log, variables, redactor }), PART_MS, () => ({
      error: `No answer within ${PART_MS / 1000} s.`,
    })).catch((error: unknown) => ({ error: explain(error) }))),
  });
  const found = [await look(status), ...(await Promise.all(others.map(look)))];
  signal?.throwIfAborted();
  const files = found.map(({ file, ...outcome }) => ({
    file,
    error: 'error' in outcome ? redactor.text(outcome.error) : null,
    // Texts are taken out when all parts are there: one may tell what another one must not show.
    data: redactor.json('error' in outcome ? outcome : outcome.value),
  }));
  const about = {
    ...{ tributary: productVersion, node: process.version, system: `${platform()} ${release()} ${arch()}` },
    ...{ at: new Date().toISOString(), environment: shownEnvironment(variables) },
    files: Object.fromEntries(files.map(({ file, error }) => [file, error ?? 'ok'])),
  };
  const all = [{ file: 'about.json', error: null, data: redactor.json(about) }, ...files];
  await write(path, all);
  return { path, files: all.map(({ file, error }) => ({ file, error })) };
}

async function run(
  { needs, work }: Part,
  {
    log,
    variables,
    redactor,
  }: Pick<OperationContext, 'log'> & { readonly variables: NodeJS.ProcessEnv; readonly redactor: Redactor },
): Promise<{ readonly value: unknown }> {
  const { config } = readEnv({}, undefined, variables);
  const servers = new Servers(needs(config), log, variables);
  try {
    return { value: await work({ servers, log, note: () => undefined }, redactor) };
  } finally {
    await servers.close();
  }
}

async function write(
  path: string,
  files: readonly { readonly file: string; readonly data: string }[],
): Promise<void> {
  const tar = createTar(files.map(({ file, data }) => ({ name: `tributary-support/${file}`, data })));
  try {
    await writeFile(path, gzipSync(tar), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST'
      ? fatal('EXISTS', `${path} is there already: name another file with --out.`, error)
      : fatal('FILE', `${path} cannot be written: ${errorText(error)}.`, error);
  }
}
