import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LeaseLostError } from '@tributary/capture';
import { errorText, pause, SyncError, within } from '@tributary/kernel';
import { TermEndsError } from '@tributary/relay';
import { GroupWatch, Heartbeats, ServiceContext, TopicHealth, untilStarted } from '@tributary/service';
import { PipelineNotes } from '@tributary/topics';
import { RecordPublisher } from '@tributary/transport';
import { RelayStart } from './relay-start';
import { RelayStatus } from './relay-status';
import { RelayTerms } from './relay-terms';
import { SourcePing } from './source-ping';

const RETRY_MS = 1_000;
const PUBLISH_GRACE_MS = 5_000;

/** Leads or stands by, from the start of the process until it is asked to end. */
@Injectable()
export class RelayService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;

  constructor(
    @Inject(ServiceContext)
    private readonly context: Pick<ServiceContext, 'app' | 'log' | 'health' | 'metrics'>,
    @Inject(RelayStart) private readonly start: RelayStart,
    @Inject(RelayTerms) private readonly terms: RelayTerms,
    @Inject(RelayStatus) private readonly status: RelayStatus,
    @Inject(SourcePing) private readonly ping: SourcePing,
    @Inject(RecordPublisher) private readonly publisher: RecordPublisher,
    @Inject(PipelineNotes) private readonly notes: PipelineNotes,
    @Inject(Heartbeats) private readonly heartbeats: Heartbeats,
    @Inject(TopicHealth) private readonly topics: TopicHealth,
    @Inject(GroupWatch) private readonly groups: GroupWatch,
  ) {}

  onApplicationBootstrap(): void {
    // A rejection ends the process with its sentence (see runService): the start-up checks failed.
    this.#working = this.#work();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    // A send that waits for an absent Kafka would never end by itself; its entries stay in the log.
    await within(this.#retire(), PUBLISH_GRACE_MS, () => undefined, { ref: false });
    await this.publisher.stop();
    this.ping.close();
    await this.#working;
    await this.notes.close();
  }

  async #retire(): Promise<void> {
    await this.#working;
    await this.heartbeats.stop();
    await this.topics.stop();
    await this.groups.stop();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    if (!(await untilStarted(this.context, () => this.start.prepare(), signal))) return;
    while (!signal.aborted) {
      try {
        await this.terms.leadOrWait(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#stepDown(error);
        await pause(RETRY_MS, signal);
      }
    }
  }

  #stepDown(error: unknown): void {
    const { log } = this.context;
    if (error instanceof LeaseLostError || error instanceof TermEndsError) {
      log.warn(error.message);
      return;
    }
    // Whatever it is, the log keeps what was not acknowledged, so the next term begins where this one ended.
    this.status.failed(errorText(error));
    if (error instanceof SyncError) log.error({ code: error.code }, error.message);
    else log.error({ error }, 'the term ended unexpectedly and begins anew');
  }
}
