import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { ConsoleSettings } from './settings/console-settings';

/** Prints the address that logs in whoever opens it; behind the `#`, so that it comes into no log of a server. */
export function sayWhere(app: INestApplication, { printedToken }: ConsoleSettings): void {
  if (printedToken === undefined) return;
  const { port } = app.getHttpServer().address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}/#token=${printedToken}\n`);
}
