import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { errorText } from '@tributary/kernel';
import { HealthRegistry, LOGGER, type Logger } from '@tributary/service';
import type { Answer } from '../http/answer';
import { groupsAnswer } from '../dead-letters/groups-answer';
import { OverviewMemory } from '../overview/overview-memory';
import { overviewOf } from '../overview/overview';
import { EventHub } from './event-hub';
import type { Sample } from './sample';
import { Sampler } from './sampler';

const CLOSELY_MS = 2_000;
const IDLE_MS = 10_000;
/** After each look it rests so many times as long as that took, but not longer than this. */
const REST = 4;
const MOST_MS = 30_000;
/** Somebody who asks again and again is looking. */
const LOOKING_MS = 15_000;

/** How the pipeline is now and was in the last hour, sampled for all clients together. */
@Injectable()
export class LiveStatus implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #memory = new OverviewMemory();
  #last: { readonly sample: Sample; readonly overview: Answer<'overview'>; readonly at: number } | undefined;
  #taking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #askedAt = -Infinity;
  #stopped = false;

  constructor(
    @Inject(Sampler) private readonly sampler: Sampler,
    @Inject(EventHub) private readonly hub: EventHub,
    @Inject(HealthRegistry) health: HealthRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    // The console is of use above all while something is away: that is shown, and is no reason not to be ready.
    health.inform({ name: 'away', read: () => this.#away() });
  }

  onApplicationBootstrap(): void {
    this.hub.onStream(() => this.#soon(0));
    this.#soon(0);
  }

  onModuleDestroy(): Promise<void> | undefined {
    this.#stopped = true;
    clearTimeout(this.#timer);
    return this.#taking?.catch(() => undefined);
  }

  /** At most some seconds old. */
  async fresh(): Promise<Sample['status']> {
    return (await this.#fresh()).sample.status;
  }

  async sample(): Promise<Sample> {
    return (await this.#fresh()).sample;
  }

  async overview(): Promise<Answer<'overview'>> {
    return (await this.#fresh()).overview;
  }

  async #fresh() {
    this.#askedAt = performance.now();
    if (!this.#last || performance.now() - this.#last.at > this.#staleMs) await this.#take();
    return this.#last!;
  }

  /** While the loop looks by itself, what it saw last is what there is to see. */
  get #staleMs(): number {
    return this.hub.streams > 0 ? MOST_MS : CLOSELY_MS;
  }

  #soon(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look(), ms).unref();
  }

  async #look(): Promise<void> {
    const began = performance.now();
    try {
      await this.#take();
    } catch (error) {
      this.log.debug({ error }, `the pipeline could not be looked at: ${errorText(error)}`);
    }
    // A source of many tables is not asked more than a part of the time.
    const rest = (performance.now() - began) * REST;
    this.#soon(Math.min(MOST_MS, Math.max(rest, this.#watched ? CLOSELY_MS : IDLE_MS)));
  }

  get #watched(): boolean {
    return this.hub.streams > 0 || performance.now() - this.#askedAt < LOOKING_MS;
  }

  #take(): Promise<void> {
    this.#taking ??= this.#sample().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  async #sample(): Promise<void> {
    const sample = await this.sampler.take(this.hub.streams > 0);
    const overview = overviewOf(sample, this.#memory);
    this.#last = { sample, overview, at: performance.now() };
    this.hub.publish('overview', overview);
    if (sample.snapshots) this.hub.publishChanged('snapshot', { snapshots: sample.snapshots });
    if (sample.verifications)
      this.hub.publishChanged('verification', { verifications: sample.verifications });
    if (sample.deadLetters) this.hub.publishChanged('dead-letter', groupsAnswer(sample.deadLetters));
  }

  #away(): Readonly<Record<string, string>> | null {
    const { unreachable = {} } = this.#last?.overview ?? {};
    return Object.keys(unreachable).length > 0 ? unreachable : null;
  }
}
