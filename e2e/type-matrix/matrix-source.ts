import {
  addZone,
  foldTable,
  removeZone,
  sessionTable,
  sizedTable,
  valueGroups,
  Writers,
  type MatrixTable,
  type Server,
} from '@tributary/type-matrix';
import type { Pipeline } from '../support/pipeline';

/** The type matrix as the source of a pipeline. */
export class MatrixSource {
  readonly tables: readonly MatrixTable[];
  readonly writers: Writers;
  readonly #zone: string;

  constructor(
    private readonly pipeline: Pipeline,
    server: Server,
  ) {
    this.#zone = `${pipeline.database}/Fold`;
    this.tables = [
      ...Object.values(valueGroups(server)).flat(),
      sessionTable(server),
      foldTable(this.#zone),
      sizedTable(),
    ];
    this.writers = new Writers(`${pipeline.adminUrl.replace(/\/$/, '')}/${pipeline.database}`);
  }

  /** For `prepare`. */
  get ddl(): string[] {
    return this.tables.map(({ ddl }) => ddl);
  }

  /** Inserts all rows, as applications with sessions of their own do; the tables are there. */
  async fill(): Promise<void> {
    await addZone(this.pipeline.admin, this.#zone);
    await this.writers.open();
    await this.writers.insert(this.tables);
  }

  /** Ends the pipeline as well. */
  async stop(): Promise<void> {
    try {
      await this.writers.close();
      await removeZone(this.pipeline.admin, this.#zone);
    } finally {
      await this.pipeline.stop();
    }
  }
}
