import { randomUUID } from 'node:crypto';
import { createClient, type Client } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { SparkConnectService } from '../proto/spark/connect/base_pb';
import type { Remote } from './remote';
import { Sessions } from './sessions';

/** A call that is answered at once, milliseconds. A server that is short of memory stops for seconds. */
export const CALL_MS = 30_000;

interface Patience {
  /** After so long without a word the connection is tried, milliseconds. Default 20,000. */
  readonly silenceMs: number;
  /** What must be answered at once may take this long, milliseconds. Default 30,000. */
  readonly answerMs: number;
}

/** The channel to a Connect server, and what every request of a session carries. */
export class Connection {
  readonly client: Client<typeof SparkConnectService>;
  readonly sessionId = randomUUID();
  readonly #sessions: Sessions;
  #serverSession: string | undefined;

  constructor(
    readonly remote: Remote,
    readonly patience: Patience = { silenceMs: 20_000, answerMs: CALL_MS },
  ) {
    const { tls, host, port, headers } = remote;
    const baseUrl = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#sessions = new Sessions(baseUrl);
    this.client = createClient(
      SparkConnectService,
      createGrpcTransport({
        baseUrl,
        sessionManager: this.#sessions,
        interceptors: [
          (next) => (request) => {
            for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
            return next(request);
          },
        ],
      }),
    );
  }

  /** Of every request. Once the server has answered, one that was started anew refuses what the old one knew. */
  get common() {
    const { userId } = this.remote;
    return {
      ...{ sessionId: this.sessionId, userContext: { userId, userName: userId }, clientType: 'tributary' },
      ...(this.#serverSession !== undefined && { clientObservedServerSideSessionId: this.#serverSession }),
    };
  }

  /** Keeps the server's own name for the session, of any answer. */
  observe({ serverSideSessionId }: { readonly serverSideSessionId: string }): void {
    this.#serverSession ??= serverSideSessionId || undefined;
  }

  /** Ends the network connection with all calls on it; the next call opens a new one. */
  drop(): void {
    this.#sessions.abort();
  }
}
