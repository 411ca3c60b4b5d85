/** The parts of the client that this folder replaces; it has no types for them. */
declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  interface Encoded {
    readonly buf: Buffer;
    readonly buffer: Buffer;
  }
  interface ProduceProtocol {
    protocol: (of: { version: number }) => (params: never) => {
      readonly request: { encode: () => Promise<Encoded> };
      readonly response: unknown;
    };
  }
  const produce: ProduceProtocol;
  export default produce;
}
