// @ts-expect-error kafkajs has no types for its inside; `ProduceProtocol` below says what is used of it
import produceProtocol from 'kafkajs/src/protocol/requests/produce/index.js';
import { encodeProduce, isPlain, type ProduceParams } from '../produce-request';
import { HEAD_ROOM, roomyRequest } from './copied-request';

/** The client's encoders of produce requests, by version. */
interface ProduceProtocol {
  protocol: (of: { version: number }) => (params: object) => {
    readonly request: { encode: () => Promise<Encoded> };
    readonly response: unknown;
  };
}

/** The client's Encoder, as far as its senders look into it. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** Versions of the request that share one body. */
const LEAST_VERSION = 3;

/**
 * Lets the client write produce requests by `encodeProduce`: 2 instead of 20 microseconds of processor time for a
 * record of 1 KB, measured with kafkajs 2.2.4. What that cannot write the client writes itself, as before.
 */
export function mendSlowProduceEncoding(): void {
  const produce = produceProtocol as ProduceProtocol;
  const { protocol } = produce;
  produce.protocol = ({ version }) => {
    const make = protocol({ version });
    if (version < LEAST_VERSION) return make;
    return (params) => {
      const made = make(params);
      if (isPlain(params as ProduceParams))
        made.request.encode = async () => roomyRequest(encodeProduce(params as ProduceParams, HEAD_ROOM));
      return made;
    };
  };
}
