import type { Server } from './schedule';

/** A stack that is nobody else's now, and which of its databases is the source. */
export interface OwnStack {
  readonly name: string;
  readonly source: 'mysql' | 'mariadb';
}

export const serverOf = (server: Server, { source }: OwnStack) => (server === 'mysql' ? source : server);
