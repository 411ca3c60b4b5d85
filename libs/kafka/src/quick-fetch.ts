// @ts-expect-error kafkajs has no types for its inside; `FetchProtocol` below says what is used of it
import fetchProtocol from 'kafkajs/src/protocol/requests/fetch/index.js';
import { decodeFetch } from './fetch-response';

/** The client's decoders of fetch responses, by version. */
interface FetchProtocol {
  protocol: (of: { version: number }) => (params: object) => {
    response: { readonly decode: (body: Buffer) => Promise<object> };
  };
}

/** The newest version that the client knows, which every broker since Kafka 2.3 speaks. */
const VERSION = 11;

/**
 * Lets the client read fetch responses by `decodeFetch`: 0.7 instead of 2.1 microseconds of processor time for a
 * record of 1 KB and a third of the garbage, measured with kafkajs 2.2.4. What that cannot read the client reads
 * itself, as before.
 */
export function quickFetch(): void {
  const fetch = fetchProtocol as FetchProtocol;
  const { protocol } = fetch;
  fetch.protocol = ({ version }) => {
    const make = protocol({ version });
    if (version !== VERSION) return make;
    return (params) => {
      const made = make(params);
      const { response } = made;
      const decode = async (body: Buffer) => decodeFetch(body) ?? response.decode(body);
      return { ...made, response: { ...response, decode } };
    };
  };
}
