// @ts-expect-error kafkajs has no types for its inside; `Search` below says what is used of it
import Cluster from 'kafkajs/src/cluster/index.js';

type Ask = (given: unknown) => Promise<unknown>;

/** The members of kafkajs's cluster that this mends. */
interface Search {
  brokerPool: { withBroker(ask: Ask): Promise<unknown> };
  findGroupCoordinatorMetadata(question: object): Promise<unknown>;
}

/**
 * kafkajs 2.2.4 asks broker after broker for a group's coordinator and drops what they answer: an account without rights
 * on its group reads "not found", which passes by itself, and waits for ever. The broker's refusal is what it says now.
 */
export function mendDroppedRefusal(): void {
  const { prototype } = Cluster as { prototype: Search };
  const { findGroupCoordinatorMetadata } = prototype;
  prototype.findGroupCoordinatorMetadata = async function find(question) {
    const { brokerPool } = this;
    let refusal: unknown;
    const noting = (ask: Ask): Ask => {
      return async (given) => {
        try {
          return await ask(given);
        } catch (error) {
          if ((error as { type?: string }).type === 'GROUP_AUTHORIZATION_FAILED') refusal = error;
          throw error;
        }
      };
    };
    const listening = { withBroker: (ask: Ask) => brokerPool.withBroker(noting(ask)) };
    const self: Search = Object.create(this, { brokerPool: { value: listening } });
    try {
      return await findGroupCoordinatorMetadata.call(self, question);
    } catch (error) {
      throw refusal ?? error;
    }
  };
}
