import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** `+<time> [<database> <client>] "<command>" "<argument>" ...` */
const COMMAND = /^\+[\d.]+ \[[^\]]*\] "([^"]*)"/;

/**
 * Every command that the server works on, those within scripts included, whoever sends it. On a socket of its own: the
 * client library takes a command that comes with the answer to MONITOR for an answer, as it does on a busy server.
 */
export class RedisMonitor {
  private constructor(private readonly socket: Socket) {}

  /** Resolves once the server has begun to tell. */
  static open(url: string, onCommand: (name: string, line: string) => void): Promise<RedisMonitor> {
    const { hostname, port, username, password } = new URL(url);
    const socket = connect(Number(port || 6379), hostname);
    const login =
      password === '' ? [] : [['AUTH', username || 'default', decodeURIComponent(password)].join(' ')];
    socket.write([...login, 'MONITOR', ''].join('\r\n'));
    let answers = login.length + 1;
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      createInterface(socket).on('line', (line) => {
        const [, name] = COMMAND.exec(line) ?? [];
        if (name !== undefined) return onCommand(name.toLowerCase(), line);
        if (!line.startsWith('+OK')) return reject(new Error(line));
        answers -= 1;
        if (answers === 0) resolve(new RedisMonitor(socket));
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }
}
