import { makeToken, Sealer } from '@tributary/console-access';
import type { AnswerOf } from '@tributary/console-api';
import { waitFor } from '@tributary/testing';
import type { Client } from '../support/client';
import { ConsolePipeline } from '../support/console-pipeline';
import { secret, TestConsole } from '../support/test-console';

type Entry = AnswerOf<'audit'>['entries'][number];

/** A console on a running pipeline, with an operator and a viewer who ask it. */
export class RunningConsole {
  readonly pipeline = new ConsolePipeline();
  server!: TestConsole;
  operator!: Client;
  viewer!: Client;

  async start(): Promise<void> {
    await this.pipeline.start();
    this.server = await TestConsole.start(this.pipeline.files);
    this.operator = this.server.withToken();
    const token = await makeToken(new Sealer(secret), { name: 'vera', role: 'viewer' }, 1);
    this.viewer = this.server.withToken(token);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    await this.pipeline.stop();
  }

  /** The entry of the audit topic, once it is there. */
  audited(action: string, fits: (entry: Entry) => boolean): Promise<Entry> {
    return waitFor(async () => {
      const { entries } = await this.viewer.done('audit', { query: { limit: 20 } });
      return entries.find((entry) => entry.action === action && fits(entry));
    });
  }

  async newestAudit(): Promise<Entry> {
    return (await this.viewer.done('audit', { query: { limit: 1 } })).entries[0]!;
  }
}
