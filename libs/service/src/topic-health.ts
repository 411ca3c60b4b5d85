import { errorText } from '@tributary/kernel';
import { EVERY_TABLE, topicPlans, type PipelineNotes } from '@tributary/topics';
import type { RecordPublisher, SeenTopics, TopicPlan, TopicWatch, Transport } from '@tributary/transport';
import { Counter } from 'prom-client';
import type { ServiceContext } from './service-context';

const LOOK_MS = 5_000;

type Problem = 'missing' | 'raised' | 'fewer';

export interface TopicHealthParts {
  readonly context: Pick<ServiceContext, 'app' | 'env' | 'log' | 'metrics' | 'health'>;
  readonly kafka: Transport;
  readonly notes: Pick<PipelineNotes, 'put'>;
  readonly publisher: RecordPublisher;
  /** Told of a topic that was deleted and made anew while this process ran. */
  readonly onAnew?: (topic: string) => void;
}

/**
 * Looks every few seconds whether the pipeline's topics are as the sync file has them and still the same ones, and says
 * it in the log, `/metrics`, the details of readiness and the heartbeat. Nothing here makes a service wait.
 */
export class TopicHealth {
  readonly #parts: TopicHealthParts;
  readonly #plans: readonly TopicPlan[];
  readonly #watch: TopicWatch;
  readonly #ids = new Map<string, string>();
  readonly #problems = new Map<string, { readonly problem: Problem; readonly sentence: string }>();
  readonly #lost: Counter;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(parts: TopicHealthParts) {
    const { context, kafka } = parts;
    const { metrics, health, env } = context;
    this.#parts = parts;
    this.#plans = topicPlans(env.config);
    this.#watch = kafka.watch();
    this.#lost = new Counter({
      name: 'tributary_topic_lost_total',
      help: 'Times that a topic was found to have lost records of this stage: made anew, cut, or past its retention',
      labelNames: ['stage', 'topic'],
      registers: [metrics.registry],
    });
    metrics.observeEach(
      'tributary_topic_unlike',
      '1 for a topic that is not as the sync file has it; problem: missing, raised or fewer (partitions)',
      ['topic', 'problem'],
      () => [...this.#problems].map(([topic, { problem }]) => ({ labels: { topic, problem }, value: 1 })),
    );
    health.inform({
      name: 'topics',
      read: () =>
        this.#problems.size === 0
          ? null
          : Object.fromEntries([...this.#problems].map(([topic, { sentence }]) => [topic, sentence])),
    });
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    void this.#look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#watch.close();
  }

  /** Counts a loss that a stage met at its positions. */
  lost(topic: string): void {
    this.#lost.inc({ stage: this.#parts.context.app, topic });
  }

  /**
   * Asks the relay to load a table, or every one, where events were lost that nobody can name. Resolves when Kafka has it: before
   * the positions behind the loss are confirmed. Throws what `RecordPublisher.send` does.
   */
  async demandLoads(reason: string, table = EVERY_TABLE): Promise<void> {
    const { notes, publisher, context } = this.#parts;
    const note = { kind: 'load', app: context.app, table, reason } as const;
    await notes.put(publisher, { ...note, at: new Date().toISOString() });
  }

  #look(): Promise<void> {
    this.#looking ??= this.#once().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #once(): Promise<void> {
    const { context } = this.#parts;
    try {
      const seen = await this.#watch.read(this.#plans.map(({ topic }) => topic));
      for (const plan of this.#plans) {
        const { topic } = plan;
        const trouble = topicTrouble(plan, seen);
        if (trouble) this.#note(topic, trouble.problem, trouble.sentence);
        else this.#end(topic);
        const id = seen.facts.get(topic)?.id;
        if (id) this.#follow(topic, id);
      }
    } catch (error) {
      // Readiness tells that Kafka is away.
      context.log.debug({ reason: errorText(error) }, 'the topics could not be looked at');
    }
  }

  #follow(topic: string, id: string): void {
    const { context, onAnew } = this.#parts;
    const known = this.#ids.get(topic);
    this.#ids.set(topic, id);
    if (known === undefined || known === id) return;
    this.lost(topic);
    context.log.error(
      { event: 'topic-lost', topic, why: 'made-anew' },
      `Topic ${topic} was deleted and made anew: ${consequence(topic, context.env.config.topics)}`,
    );
    onAnew?.(topic);
  }

  #note(topic: string, problem: Problem, sentence: string): void {
    if (this.#problems.get(topic)?.sentence === sentence) return;
    this.#problems.set(topic, { problem, sentence });
    this.#parts.context.log.error({ event: 'topic-unlike', topic, problem }, sentence);
  }

  #end(topic: string): void {
    if (!this.#problems.delete(topic)) return;
    this.#parts.context.log.info({ event: 'topic-like', topic }, `Topic ${topic} is as the sync file has it`);
  }
}

/** What is wrong with a topic, one sentence, by what the broker says of it; `undefined`: nothing. */
export function topicTrouble(
  { topic, partitions }: TopicPlan,
  { facts, missing }: SeenTopics,
): { readonly problem: Problem; readonly sentence: string } | undefined {
  if (missing.has(topic)) return { problem: 'missing', sentence: missingText(topic, partitions) };
  const have = facts.get(topic)?.partitions ?? partitions;
  if (have > partitions) return { problem: 'raised', sentence: raisedText(topic, have, partitions) };
  if (have < partitions) return { problem: 'fewer', sentence: fewerText(topic, have, partitions) };
  return undefined;
}

const REMEDY = 'docs/operations.md, "Another number of partitions", says how to change it for all topics';

const raisedText = (topic: string, have: number, wanted: number) =>
  `Topic ${topic} has ${have} partitions, the sync file says ${wanted}: keys stay where they are, and the partitions beyond are neither written nor read; ${REMEDY}.`;
const fewerText = (topic: string, have: number, wanted: number) =>
  `Topic ${topic} has ${have} partition(s), the sync file says ${wanted}: what belongs into the others waits; ${REMEDY}.`;
const missingText = (topic: string, wanted: number) =>
  `Topic ${topic} does not exist: create it with ${wanted} partition(s), or restart one of the services, which makes what is missing.`;

type Topics = ServiceContext['env']['config']['topics'];

/** What it means that a topic lost its records. */
function consequence(topic: string, topics: Topics): string {
  switch (topic) {
    case topics.changes:
    case topics.validated:
      return 'events that were not read yet are gone; the stages go back to its beginning and every table is loaded again';
    case topics.loads:
    case topics.validatedLoads:
      return 'bulk records that were not read yet are gone; loads that were under way remove nothing, and every table is loaded again';
    case topics.deadLetters:
      return 'the dead letters that it held are gone: run "tributary verify" to find what they were';
    case topics.schemas:
      return 'the relay publishes the schemas of its tables again';
    default:
      return 'the services write their part of it again';
  }
}
