import { TcpProxy, type Interceptor } from './tcp-proxy';

/**
 * A proxy in front of a Kafka broker (`127.0.0.1:port`) that clients cannot get around: it puts its own port into
 * the broker's answers, where they say which broker to talk to. `also` sees every piece of data first.
 */
export async function openKafkaProxy(broker: string, also?: Interceptor): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(broker);
  const forward = advertise(broker, proxy.port);
  proxy.intercept((data, direction) => {
    const seen = also ? also(data, direction) : data;
    return seen && (direction === 'down' ? forward(seen) : seen);
  });
  return proxy;
}

/**
 * An interceptor that lets the next requests of these kinds fail, one each, in this order, without effect: they go to
 * another group, and the answer gets the error code. For requests that begin with the group, and answers that begin
 * with throttle time and error code (Heartbeat, 12; JoinGroup, 11; https://kafka.apache.org/protocol). They are small, so that a
 * piece of data begins with one. `left` is what has not happened yet.
 */
export function failNext(failures: readonly { readonly apiKey: number; readonly errorCode: number }[]) {
  const left = [...failures];
  let correlationId: number | undefined;
  const intercept: Interceptor = (data, direction) => {
    const [next] = left;
    if (!next || data.length < 14) return data;
    if (direction === 'up' && data.readInt16BE(4) === next.apiKey && correlationId === undefined) {
      correlationId = data.readInt32BE(8);
      const group = 14 + data.readInt16BE(12);
      data[group + 2]! ^= 1;
    } else if (direction === 'down' && data.readInt32BE(4) === correlationId) {
      data.writeInt16BE(next.errorCode, 12);
      correlationId = undefined;
      left.shift();
    }
    return data;
  };
  return { intercept, left };
}

/** Puts a proxy's port into the answers of a broker (`127.0.0.1:port`), in place. */
export function advertise(broker: string, port: number): (answer: Buffer) => Buffer {
  const [from, to] = [address(Number(broker.split(':')[1])), address(port)];
  return (data) => {
    for (let at = data.indexOf(from); at >= 0; at = data.indexOf(from, at + to.length)) to.copy(data, at);
    return data;
  };
}

/** Host and port as the protocol writes them: 16-bit length and text, then a 32-bit number. */
function address(port: number): Buffer {
  const host = Buffer.from('127.0.0.1');
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length);
  host.copy(bytes, 2);
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}
