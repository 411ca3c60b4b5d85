import { holdText, statementWait, type TablePlan } from '@tributary/capture';
import { keyColumns } from '@tributary/contract';
import { TableChanged } from './chunk-outlet';
import { ChunkReader, type SnapshotRow } from './chunk-reader';
import { ChunkSize } from './chunk-size';
import { parseKeyBound, type KeyBound } from './key-range';
import type { LoadDeps } from './load-deps';
import { LoadWait } from './load-wait';
import type { FinishedChunk, RunningJob } from './snapshot-jobs';

/**
 * Chunks of one job under way at once: one is read while the other is published. Encoding and publishing take the relay
 * far more CPU than reading takes the server (docs/benchmarks.md); whether more chunks gain anything was not measured.
 */
const CHUNKS_IN_FLIGHT = 2;

interface PublishedChunk {
  readonly upper: KeyBound;
  readonly rows: number;
}

/**
 * The load of one job: chunk after chunk in key order, several under way at once and noted in order, so that one
 * key says how far it is. It holds no locks but the metadata lock of the SELECTs of the chunks under way.
 */
export class TableSnapshot<T> {
  readonly #size: ChunkSize;
  #inFlight: Promise<PublishedChunk>[] = [];
  #notedAt = 0;
  #readers: ChunkReader[] = [];
  readonly #wait: LoadWait;
  /** Slices that the publishing loop has. */
  #handedOver = 0;

  constructor(
    private readonly deps: LoadDeps<T>,
    private readonly job: RunningJob,
    private readonly plan: TablePlan,
  ) {
    this.#size = new ChunkSize(deps.chunkMs);
    this.#wait = new LoadWait(deps, job);
  }

  /** Goes on at the job's last noted chunk, until its end, or until the chunks under way when `stop` aborts. */
  async run(stop: AbortSignal): Promise<void> {
    const { deps, job } = this;
    const { jobs, log, floor } = deps;
    const marker = await this.#mark();
    if (!(await jobs.begin(job))) return;
    // From here every floor is above the marker: this load outranks every older one, even on an idle source.
    const passed = unlessAborted(floor.waitFor(marker), stop);
    if (!(await this.#wait.during(passed, () => this.#floorWait()))) return;
    const from = parseKeyBound(job.lastKey, keyColumns(this.plan.schema));
    log.info({ job: job.id, table: job.table, resumes: from !== null }, 'snapshot runs');
    const last = await this.#untilLastChunk(from, stop).catch(nullIfChanged);
    if (!last || this.#isChanged()) return;
    if (job.where === null) await deps.loads.ended(job, this.plan);
    if (await jobs.finish(job, last))
      log.info({ job: job.id, table: job.table, rows: job.rowsDone }, 'snapshot is done');
  }

  /**
   * The id of the job's marker. A job that began under another epoch begins anew: its ids compare with none of now,
   * and what it has read was the state of another source. So does one that began under another shape of the table: what it
   * has read lacks columns or has other keys, and its last key may mean another place.
   */
  async #mark(): Promise<bigint> {
    const { deps, job, plan } = this;
    const { epoch } = deps;
    const shape = plan.schema.fingerprint;
    const before = job.mark;
    if (before?.epoch === epoch && before.shape === shape) return before.id;
    if (before) {
      const why = before.epoch === epoch ? 'the table was altered' : 'its ids are of an older epoch';
      deps.log.info(
        { event: 'snapshot-anew', job: job.id, table: job.table },
        `snapshot begins anew: ${why}`,
      );
    }
    job.mark = { id: await deps.insertMarker(), epoch, shape };
    job.lastKey = null;
    job.rowsDone = 0;
    // Before the mark is stored: after a crash in between the job begins with another one, and says so again.
    if (job.where === null) await deps.loads.began(job, plan);
    return job.mark.id;
  }

  /** The last chunk, published but not noted; `null` when the load was stopped. */
  async #untilLastChunk(from: KeyBound, stop: AbortSignal): Promise<FinishedChunk | null> {
    const { deps, plan, job } = this;
    const newReader = () => new ChunkReader(deps.connect, plan, job.where);
    const planner = newReader();
    const readers = Array.from({ length: CHUNKS_IN_FLIGHT }, newReader);
    this.#readers = [planner, ...readers];
    const record = await deps.recorder(plan);
    this.#notedAt = performance.now();
    try {
      let lower = from;
      for (let turn = 0; ; turn += 1) {
        if (this.deps.lag.behind && !(await this.#rest(stop))) return null;
        if (stop.aborted || this.#isChanged()) break;
        const bound = planner.upperBound(lower, this.#size.rows);
        const upper = await this.#wait.during(bound, () => this.#chunkWait());
        if (this.#inFlight.length === CHUNKS_IN_FLIGHT && !(await this.#noteOldest())) return null;
        this.#begin(readers[turn % CHUNKS_IN_FLIGHT]!, record, lower, upper);
        if (upper === null) return (await this.#noteAll(1)) ? await this.#oldest() : null;
        lower = upper;
      }
      await this.#noteAll(0);
      return null;
    } finally {
      // A chunk that failed must not leave its neighbour's connection in use.
      await Promise.allSettled(this.#inFlight);
      for (const reader of this.#readers) reader.close();
    }
  }

  /** The table is another one than this load reads: no chunk that it has not read yet will fit. */
  #isChanged(): boolean {
    return this.deps.plan(this.job.table)?.schema.fingerprint !== this.plan.schema.fingerprint;
  }

  /** Lets what reads the topics catch up, and goes on in smaller chunks; false when another relay has the job. */
  async #rest(stop: AbortSignal): Promise<boolean> {
    if (!(await this.#noteAll(0))) return false;
    this.#size.fellBehind();
    await this.#wait.during(this.deps.lag.caughtUp(stop), () => this.deps.lag.slowest);
    return true;
  }

  #floorWait(): string {
    const { floor } = this.deps;
    const hold = floor.held();
    const trouble = floor.trouble();
    if (trouble) return `the floor: ${trouble.message}`;
    return hold ? holdText(hold) : 'transactions that were changing rows when it began';
  }

  /** The chunks under way stand: for whoever takes their rows, or for MySQL. */
  async #chunkWait(): Promise<string> {
    if (this.#handedOver > 0) return 'the relay to publish its rows to Kafka';
    const threads = this.#readers.flatMap(({ thread }) => thread ?? []);
    if (threads.length === 0) return 'a connection to MySQL';
    const connection = await this.deps.connect();
    try {
      return await statementWait(connection, threads, this.job.table);
    } finally {
      connection.destroy();
    }
  }

  async #noteAll(but: number): Promise<boolean> {
    while (this.#inFlight.length > but) if (!(await this.#noteOldest())) return false;
    return true;
  }

  async #noteOldest(): Promise<boolean> {
    return this.deps.jobs.chunkDone(this.job, await this.#oldest());
  }

  async #oldest(): Promise<FinishedChunk> {
    const chunk = await this.#wait.during(this.#inFlight.shift()!, () => this.#chunkWait());
    const now = performance.now();
    const busyMs = now - this.#notedAt;
    this.#notedAt = now;
    return { ...chunk, busyMs };
  }

  #begin(
    reader: ChunkReader,
    record: (row: SnapshotRow, floor: bigint) => T,
    lower: KeyBound,
    upper: KeyBound,
  ): void {
    const chunk = this.#publish(reader, record, lower, upper);
    // Its turn to be awaited comes later; until then its failure must not count as unhandled.
    chunk.catch(() => undefined);
    this.#inFlight.push(chunk);
  }

  async #publish(
    reader: ChunkReader,
    record: (row: SnapshotRow, floor: bigint) => T,
    lower: KeyBound,
    upper: KeyBound,
  ): Promise<PublishedChunk> {
    const { windows, outlet, floor } = this.deps;
    // The floor is taken before the read (R5): what the chunk does not show has a higher id.
    const window = windows.open(this.job.table, floor.floor());
    const started = performance.now();
    let rows = 0;
    try {
      const rowOf = (row: SnapshotRow) => ({ key: row.key, record: record(row, window.floor) });
      for await (const slice of reader.slices(lower, upper, rowOf)) {
        window.viewAt = reader.viewAt;
        rows += slice.length;
        if (slice.length === 0) continue;
        this.#handedOver += 1;
        await outlet.submit({ window, rows: slice }).finally(() => (this.#handedOver -= 1));
      }
    } finally {
      windows.close(window);
    }
    this.#size.took(rows, performance.now() - started);
    return { upper, rows };
  }
}

function nullIfChanged(error: unknown): null {
  if (error instanceof TableChanged) return null;
  throw error;
}

/** The floor can stand for as long as somebody's transaction is open; a load that stops does not wait for it. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(false);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(() => resolve(true), reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
