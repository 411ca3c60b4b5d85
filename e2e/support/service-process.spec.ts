import { createServer } from 'node:net';
import { Pipeline } from './pipeline';

it('a service begins on another port when somebody took its own before it listened', async () => {
  const pipeline = new Pipeline();
  await pipeline.prepare(['CREATE TABLE t (id INT PRIMARY KEY)']);
  const service = await pipeline.start('trigger-relay');
  const { port } = service;
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  try {
    await service.untilReady();
    expect(service.port).not.toBe(port);
  } finally {
    other.close();
    await pipeline.stop();
  }
});
