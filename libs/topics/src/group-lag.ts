import { groupLag, type TopicAdmin, type Transport } from '@tributary/transport';
import type { Stage } from './stages';

/** How far consumer groups are behind, asked again and again over one connection. */
export class GroupLag {
  readonly #admin: TopicAdmin;
  #slowest = '';

  constructor(
    transport: Pick<Transport, 'admin'>,
    private readonly stages: readonly Stage[],
  ) {
    this.#admin = transport.admin({ keepOpen: true });
  }

  /** The group that `read` told of last. */
  get slowest(): string {
    return this.#slowest;
  }

  /**
   * Events that the slowest of the groups that have members has still to confirm: a group that nobody runs holds
   * nobody up. Throws a SyncError; the next call connects anew.
   */
  async read(): Promise<number> {
    const members = await this.#admin.groupMembers(this.stages.map(({ group }) => group));
    const stages = this.stages.filter(({ group }) => (members.get(group) ?? 0) > 0);
    const lags = await Promise.all(stages.map((stage) => this.#stageLag(stage)));
    const most = Math.max(0, ...lags);
    this.#slowest = stages[lags.indexOf(most)]?.group ?? '';
    return most;
  }

  close(): Promise<void> {
    return this.#admin.close();
  }

  async #stageLag({ group, topic }: Stage): Promise<number> {
    const lags = await groupLag(this.#admin, group, topic);
    return Number([...lags.values()].reduce((sum, lag) => sum + lag, 0n));
  }
}
