import { Http2SessionManager } from '@connectrpc/connect-node';

const ignore = () => undefined;

/**
 * The HTTP/2 connections of a client. One that breaks tells so once more after its calls have failed, when the manager
 * does not listen any more, and an error that nobody listens to would end the process (connect-es issue 1768).
 */
export class Sessions extends Http2SessionManager {
  override async request(
    ...request: Parameters<Http2SessionManager['request']>
  ): ReturnType<Http2SessionManager['request']> {
    const stream = await super.request(...request);
    stream.on('error', ignore);
    const { session } = stream;
    if (session && !session.listeners('error').includes(ignore)) session.on('error', ignore);
    return stream;
  }
}
