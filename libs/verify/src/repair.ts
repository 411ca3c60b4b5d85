import { setTimeout as sleep } from 'node:timers/promises';
import { fatal, type WireRow } from '@tributary/change-event';
import { readShapes, type Connection } from '@tributary/capture';
import type { Difference, TargetView } from './difference';
import { keyCells } from './key-values';
import { logRepair } from './log-repair';
import type { PipelineBarrier } from './pipeline-barrier';
import type { SourceTable } from './source-table';

const LOOKS = 5;

/** Mends rows of one table by sending them through the pipeline again, never by writing to a target. */
export class Repairer {
  #shapeId: number | undefined;

  constructor(
    private readonly deps: {
      readonly source: SourceTable;
      /** A connection of its own: it holds a transaction per row. */
      readonly connection: Connection;
      readonly captureSchema: string;
      readonly barrier: Pick<PipelineBarrier, 'passed'>;
      /** Rows a second at most. */
      readonly perSecond: number;
    },
  ) {}

  /** Logs every row anew, waits until the pipeline has applied that, and gives how many are equal now. */
  async repair(differences: readonly Difference[], view: TargetView): Promise<number> {
    const keys = differences.flatMap(({ key }) => (key ? [key] : []));
    await this.#log(keys);
    let open = keys;
    for (let look = 1; open.length > 0 && look <= LOOKS; look += 1)
      open = await this.#stillDifferent(open, view);
    return keys.length - open.length;
  }

  async #log(keys: readonly WireRow[]): Promise<void> {
    const { source, connection, captureSchema, perSecond } = this.deps;
    const { schema } = source.plan;
    const shapeId = (this.#shapeId ??= await this.#findShape());
    const started = performance.now();
    for (const [at, key] of keys.entries()) {
      await logRepair(connection, source.plan, { captureSchema, shapeId }, keyCells(schema, key));
      const early = ((at + 1) * 1000) / perSecond - (performance.now() - started);
      if (early > 5) await sleep(early);
    }
  }

  async #stillDifferent(keys: readonly WireRow[], view: TargetView): Promise<WireRow[]> {
    const { source, connection, barrier } = this.deps;
    const rows = await source.find(connection, keys);
    await barrier.passed(view.target);
    const findings = await view.inspect(
      keys.map((key) => ({ key, row: rows.get(source.keyJson(key))?.row ?? null })),
    );
    return keys.filter((_, at) => findings[at]);
  }

  async #findShape(): Promise<number> {
    const { source, connection, captureSchema } = this.deps;
    const { schema } = source.plan;
    const shapes = await readShapes(connection, captureSchema);
    const shape = shapes.find(
      (known) => known.schema.table === schema.table && known.schema.fingerprint === schema.fingerprint,
    );
    if (!shape)
      throw fatal(
        'REPAIR',
        `The present columns of ${schema.table} are not known to capture: run "tributary capture install" first.`,
      );
    return shape.id;
  }
}
