import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call } from './call';

/** What is used here of Express, whose types are no package of ours. */
export interface Request extends IncomingMessage {
  readonly path: string;
  readonly ip?: string;
  /** Whether it came by TLS, as far as trusted proxies tell. */
  readonly secure: boolean;
  readonly query: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, string>>;
  call?: Call;
}

export interface Response extends ServerResponse {
  status(code: number): this;
  set(headers: Readonly<Record<string, string>>): this;
  type(type: string): this;
  send(body: string): this;
  json(body: unknown): this;
  redirect(status: number, url: string): void;
  sendFile(path: string, options: object, done: (error?: Error) => void): void;
}
