import { join } from 'node:path';

/** Packages of Java itself into which Spark looks. */
const opened = [
  ...['java.lang', 'java.lang.invoke', 'java.lang.reflect', 'java.io', 'java.net', 'java.nio', 'java.util'],
  ...['java.util.concurrent', 'java.util.concurrent.atomic', 'jdk.internal.ref', 'sun.nio.ch', 'sun.nio.cs'],
  ...['sun.security.action', 'sun.util.calendar'],
];

/** What every Java 17 process of Spark is started with; an installation of Spark adds it in its own scripts. */
export const sparkJvmArguments = (jars: string, memory: string): string[] => [
  `-Xmx${memory}`,
  '-XX:+IgnoreUnrecognizedVMOptions',
  '--add-modules=jdk.incubator.vector',
  ...opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  '-Djdk.reflect.useDirectMethodHandle=false',
  '-Dio.netty.tryReflectionSetAccessible=true',
  '-cp',
  join(jars, '*'),
];

export interface ConnectServer {
  /** Folder of the jars. */
  readonly jars: string;
  readonly memory: string;
  readonly master: string;
  /** Of what the server writes for itself. */
  readonly temporary: string;
  /** Holds the configuration: a command line can be read by everybody on the machine. */
  readonly propertiesFile: string;
}

/** Behind `java`: a Connect server in the foreground. */
export const connectServerArguments = (server: ConnectServer): string[] => [
  ...sparkJvmArguments(server.jars, server.memory),
  `-Djava.io.tmpdir=${server.temporary}`,
  'org.apache.spark.deploy.SparkSubmit',
  ...['--master', server.master, '--properties-file', server.propertiesFile],
  ...['--class', 'org.apache.spark.sql.connect.service.SparkConnectServer'],
  // In the place of an application's jar.
  'spark-internal',
];

/** A Java properties file; every character beyond plain text by its number, line ends and separators included. */
export const propertiesText = (conf: Readonly<Record<string, string>>): string =>
  Object.entries(conf)
    .map(([key, value]) => `${escaped(key)}=${escaped(value)}\n`)
    .join('');

const escaped = (text: string) =>
  text.replace(
    /[^A-Za-z0-9_./*[\]()@,+-]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Of a process of Spark; undefined: it must not have it. */
export const serverVariables = (home: string) => ({
  SPARK_HOME: home,
  // A worker would guess it from folders that only a build of Spark has.
  SPARK_SCALA_VERSION: '2.13',
  // Else it looks for the address that the machine's name stands for, and warns of what it finds.
  SPARK_LOCAL_IP: '127.0.0.1',
  // Names a server to clients; one that finds it takes itself for one.
  SPARK_REMOTE: undefined,
});

/** Of every Connect server that is started here, on `port` of this machine alone. */
export const serverConf = (port: number): Record<string, string> => ({
  'spark.connect.grpc.binding.address': '127.0.0.1',
  'spark.connect.grpc.binding.port': String(port),
  'spark.sql.catalogImplementation': 'in-memory',
  'spark.sql.session.timeZone': 'UTC',
  'spark.ui.enabled': 'false',
  'spark.log.level': 'WARN',
});
