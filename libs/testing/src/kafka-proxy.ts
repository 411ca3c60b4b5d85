import { TcpProxy, type Interceptor } from './tcp-proxy';

/**
 * A proxy in front of a Kafka broker (`127.0.0.1:port`) that clients cannot get around: it puts its own port into
 * the broker's answers, where they say which broker to talk to.
 */
export async function openKafkaProxy(broker: string): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(broker);
  proxy.intercept(advertise(Number(broker.split(':')[1]), proxy.port));
  return proxy;
}

function advertise(real: number, own: number): Interceptor {
  const [from, to] = [address(real), address(own)];
  return (data, direction) => {
    if (direction === 'down')
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
