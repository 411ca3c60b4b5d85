import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool, run } from './tools';

/** A Maven coordinate `group:artifact:version`. */
export type Artifact = `${string}:${string}:${string}`;

const maven = () =>
  requireTool(
    'mvn',
    'install Kafka, MySQL and Spark without Docker',
    'Install Maven (Debian: apt-get install maven), or start a Docker engine.',
  );

/** Copies the artifacts and everything they need at run time into `folder`/libs. */
export async function copyWithDependencies(folder: string, artifacts: readonly Artifact[]): Promise<void> {
  const dependencies = artifacts.map((artifact) => {
    const [group, id, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`;
  });
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>` +
      `<groupId>tributary</groupId><artifactId>stack</artifactId><version>1</version><packaging>pom</packaging>` +
      `<dependencies>${dependencies.join('')}</dependencies></project>\n`,
  );
  const args = [
    '-B',
    '-q',
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    '-DoutputDirectory=libs',
  ];
  await run('Fetching from Maven', maven(), args, { cwd: folder });
}

/** Unpacks the files of one jar that match `includes` into `folder`. */
export async function unpackJar(folder: string, artifact: Artifact, includes: string): Promise<void> {
  const args = ['-B', '-q', 'dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
  await run('Fetching from Maven', maven(), [...args, `-Dmdep.unpack.includes=${includes}`], { cwd: folder });
}

/** The path of a Java that is new enough for Kafka 4 and Spark 4. */
export async function requireJava(): Promise<string> {
  const remedy = 'Install a Java 17 runtime or newer (Debian: apt-get install openjdk-17-jre-headless).';
  const java = requireTool('java', 'run Kafka and Spark without Docker', remedy);
  const text = await run('Asking Java for its version', java, ['-XshowSettings:none', '--version']);
  const major = Number(/^\S+ (\d+)/.exec(text)?.[1] ?? 0);
  if (major < 17)
    throw new Error(`Kafka and Spark need Java 17 or newer, but ${java} is version ${major}. ${remedy}`);
  return java;
}
