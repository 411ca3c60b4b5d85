import { crc32 } from 'node:zlib';
import type { RowSchema } from '@tributary/contract';
import type { Connection } from 'mysql2/promise';
import { tableShapes } from './capture-tables';
import { select } from './query';

/**
 * What a trigger mixes into the checksum of its entries beside the shape's id: table and columns themselves, since a
 * dump can bring a trigger back whose id means another table by now. Never 0.
 */
export const sealOf = ({ table, fingerprint }: Pick<RowSchema, 'table' | 'fingerprint'>): number =>
  crc32(`${table}\0${fingerprint}`) || 1;

/** The seals of all shapes, by which an entry is believed by the table that it came from. */
export class ShapeSeals {
  #seals = new Map<number, number>();
  readonly #unknown = new Set<string>();

  constructor(
    private readonly connection: Connection,
    private readonly captureSchema: string,
  ) {}

  /** To be called before a batch with these shapes and seals is decoded. */
  async prepare(entries: readonly { readonly shapeId: number; readonly seal: number }[]): Promise<void> {
    const strange = entries.filter(
      ({ shapeId, seal }) =>
        shapeId !== 0 &&
        seal !== 0 &&
        this.#seals.get(shapeId) !== seal &&
        !this.#unknown.has(`${shapeId} ${seal}`),
    );
    if (strange.length === 0) return;
    const rows = await select<{ id: number; table: string; fingerprint: string }>(
      this.connection,
      `SELECT id, table_name AS \`table\`, fingerprint FROM ${tableShapes(this.captureSchema)} ORDER BY id`,
    );
    this.#seals = new Map(rows.map((row) => [Number(row.id), sealOf(row)]));
    if (this.#unknown.size > MOST_UNKNOWN) this.#unknown.clear();
    for (const { shapeId, seal } of strange)
      if (this.shapeOf(shapeId, seal) === null) this.#unknown.add(`${shapeId} ${seal}`);
  }

  /**
   * The shape that an entry really has; `null`: none that is known, or the entry is damaged. Repairs and triggers of
   * older versions seal nothing (0).
   */
  shapeOf(shapeId: number, seal: number): number | null {
    if (seal === 0 || this.#seals.get(shapeId) === seal) return shapeId;
    for (const [id, other] of this.#seals) if (other === seal) return id;
    return null;
  }
}

const MOST_UNKNOWN = 10_000;
