// @ts-expect-error kafkajs has no types for its inside; `FetchProtocol` below says what is used of it
import fetchProtocol from 'kafkajs/src/protocol/requests/fetch/index.js';
import { KNOWN_VERSIONS, readFetchAnswer } from '../record-batch/fetch-answer';

/** The client's encoders of fetch requests and decoders of their answers, by version. */
interface FetchProtocol {
  protocol: (of: { version: number }) => (params: object) => {
    readonly response: { readonly decode: (body: Buffer) => Promise<object>; readonly parse: unknown };
  };
}

/**
 * Lets the client's consumers have records that stand where they came (`StoredRecord`). Its own decoder makes half a
 * dozen objects and numbers without bounds for each record, and checks no checksum.
 */
export function mendSlowFetchDecoding(): void {
  const fetch = fetchProtocol as FetchProtocol;
  const { protocol } = fetch;
  fetch.protocol = ({ version }) => {
    const make = protocol({ version });
    if (version < KNOWN_VERSIONS.from || version > KNOWN_VERSIONS.to) return make;
    return (params) => {
      const made = make(params);
      const { decode, parse } = made.response;
      const response = {
        parse,
        decode: async (body: Buffer) => readFetchAnswer(body, version) ?? decode(body),
      };
      return { ...made, response };
    };
  };
}
