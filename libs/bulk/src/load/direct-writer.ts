import { type Headers, type RowSchema } from '@tributary/contract';
import { rowDtoCheck } from '@tributary/schemas';
import { targetSettings, type SyncConfig } from '@tributary/sync-config';
import {
  applyCoalesced,
  ChangeDecoder,
  type ConnectedTarget,
  type RowChange,
  type TargetPlugin,
} from '@tributary/targets';
import type { OutRecord } from '@tributary/transport';
import { MAX_EVENT_BYTES, validateRecord, type ValidationRules } from '@tributary/validation';

/** A record as a reader of the topic would have it. */
interface ReadRecord {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Headers;
}

/**
 * Takes records of a load straight to the targets, by the checks of the validator and the guards of the sinks (R4, R10). What
 * either refuses is left to them: it goes through Kafka and becomes a dead letter there.
 */
export class DirectWriter {
  readonly #rules: ValidationRules;
  readonly #decoder: ChangeDecoder;

  constructor(
    config: SyncConfig,
    schema: RowSchema,
    private readonly targets: readonly (readonly [
      Pick<TargetPlugin, 'name'>,
      Pick<ConnectedTarget, 'writer'>,
    ])[],
  ) {
    const schemaOf = (fingerprint: string) => (fingerprint === schema.fingerprint ? schema : undefined);
    this.#rules = { config, schema: schemaOf, dto: rowDtoCheck, maxBytes: MAX_EVENT_BYTES };
    this.#decoder = new ChangeDecoder(config, schemaOf);
  }

  /** Resolves when each target holds the rows, or newer ones; gives those records that one of them did not take. */
  async write(records: readonly OutRecord[]): Promise<OutRecord[]> {
    const left = new Set<OutRecord>();
    const changes: RowChange[] = [];
    records.forEach((record, index) => {
      const change = this.#decoded(asRead(record), index);
      if (change) changes.push(change);
      else left.add(record);
    });
    const write = async ([{ name }, { writer }]: (typeof this.targets)[number]) => {
      const own = changes.filter(({ table }) => targetSettings(table, name).enabled);
      const outcomes = await applyCoalesced(writer, own);
      own.forEach(({ index }, nth) => {
        if (outcomes[nth]!.kind === 'rejected') left.add(records[index]!);
      });
    };
    await Promise.all(this.targets.map(write));
    return [...left];
  }

  #decoded(record: ReadRecord, index: number): RowChange | undefined {
    if (validateRecord(record, this.#rules).kind !== 'forward') return undefined;
    const decoded = this.#decoder.decode(record, index);
    return 'change' in decoded ? decoded.change : undefined;
  }
}

function asRead({ key, value, headers = {} }: OutRecord): ReadRecord {
  return { key: Buffer.from(key!), value: inOne(value!), headers };
}

/** The bytes are not copied, but of a row that comes in pieces. */
function inOne(value: NonNullable<OutRecord['value']>): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  return Buffer.isBuffer(value) ? value : Buffer.concat(value);
}
