import { ensureStack, resetStack } from '@tributary/dev-stack';
import { lostTail } from './target-trouble/lost-tail';
import { outages } from './target-trouble/outages';
import { refusedRows } from './target-trouble/refused-rows';
import { ownsStack, stack, TroublePipeline } from './target-trouble/trouble-pipeline';
import { unwritableServers } from './target-trouble/unwritable';

jest.setTimeout(600_000);
// Each test goes on from what the one before it left, so a second try of one alone would tell nothing.
jest.retryTimes(0);

const quiet = () => undefined;

describe('target trouble', () => {
  let pipeline: TroublePipeline;
  const trouble = () => pipeline;

  beforeAll(async () => {
    const servers = await ensureStack({
      ...{ name: stack, mysql: ownsStack ? 'mysql' : 'both', provider: 'native', say: quiet },
      // A server of the stack's own, since it is going to be stopped.
      mongo: 'secantus-py',
    });
    pipeline = await TroublePipeline.open(servers);
    await pipeline.prepare([
      'CREATE TABLE things (id INT PRIMARY KEY, n INT NOT NULL, name VARCHAR(40) NOT NULL, body LONGTEXT)',
      'CREATE TABLE others (id INT PRIMARY KEY, n INT NOT NULL)',
    ]);
    await pipeline.insertThings(1);
    await pipeline.startAll();
    await pipeline.untilEqual();
  });
  afterAll(async () => {
    await pipeline?.stop();
    if (ownsStack) await resetStack(stack, quiet);
  });

  refusedRows(trouble);
  unwritableServers(trouble);
  outages(trouble);
  lostTail(trouble);
});
