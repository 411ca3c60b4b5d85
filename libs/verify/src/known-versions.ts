import { eventKeyWriter } from '@tributary/contract';
import type { DeadLetterStore } from '@tributary/dead-letters';
import type { SourceTable } from '@tributary/snapshot';
import type { TargetView } from '@tributary/targets';
import type { Difference } from './difference';
import { remarked } from './candidates';

/**
 * Tells a stale row from an edited one. The source holds no versions, so a row counts as stale only where a newer
 * version of it is known: to the other target, or in the dead letters. What a dead letter explains is said.
 */
export class KnownVersions {
  readonly #eventKey: (keyJson: string) => string;

  constructor(
    private readonly source: SourceTable,
    private readonly views: readonly TargetView[],
    private readonly deadLetters: Pick<DeadLetterStore, 'newestByRow'> | undefined,
  ) {
    this.#eventKey = eventKeyWriter(source.plan.schema.table);
  }

  async explain(differences: readonly Difference[], view: TargetView): Promise<Difference[]> {
    if (differences.every(({ key }) => key === null)) return [...differences];
    const deadLetters = (await this.deadLetters?.newestByRow()) ?? new Map();
    const keys = differences.map(({ key }) => key);
    const others = await Promise.all(
      this.views
        .filter((other) => other !== view)
        .map(async (other) => {
          const asked = keys.filter((key) => key !== null);
          const versions = await other.versions(asked);
          return { target: other.target, versions: new Map(asked.map((key, at) => [key, versions[at]])) };
        }),
    );
    return differences.map((difference) => {
      const { key, version: held } = difference;
      if (key === null) return difference;
      const deadLetter = deadLetters.get(this.#eventKey(this.source.keyJson(key)));
      if (deadLetter && (held === undefined || deadLetter.version > held))
        return remarked(
          staleIfOlder(difference),
          `its newer change is in the dead letters (${deadLetter.code}, ${deadLetter.id}): see tributary dlq show ${deadLetter.id}`,
        );
      const ahead = others.find(({ versions }) => (versions.get(key) ?? '') > (held ?? ''));
      if (!ahead || held === undefined) return difference;
      return remarked(
        staleIfOlder(difference),
        `${ahead.target} holds the newer version ${ahead.versions.get(key)}`,
      );
    });
  }
}

const staleIfOlder = (difference: Difference): Difference =>
  difference.kind === 'different' ? { ...difference, kind: 'stale' } : difference;
