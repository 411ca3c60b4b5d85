import { captureReport, type CaptureStatus } from '@tributary/capture';
import type { OperationContext } from '../context';
import { matchesTable, noSuchTable } from '../tables/chosen-tables';

/** Also of what is no table, or is left out by the sync file. */
export type CaptureLine = Omit<CaptureStatus, 'state'> & {
  readonly state: CaptureStatus['state'] | 'excluded' | 'skipped';
};

const fine = new Set<CaptureLine['state']>(['ok', 'excluded', 'skipped']);

/** How tables and their triggers agree. Throws a sentence that lists the tables when none is meant. */
export async function captureLines(
  { servers }: OperationContext,
  { table: wanted }: { readonly table?: string | undefined },
): Promise<readonly CaptureLine[]> {
  const report = await captureReport(await servers.mysql(), servers.config);
  const found = [
    ...report.statuses,
    ...report.skipped.map(({ table, code, reason }): CaptureLine => ({
      ...{ table, state: code === 'EXCLUDED' ? 'excluded' : 'skipped', detail: reason },
    })),
  ];
  const lines: readonly CaptureLine[] = found.filter(({ table }) => matchesTable(wanted, table));
  if (lines.length === 0)
    throw noSuchTable(
      wanted,
      found.map(({ table }) => table),
    );
  return lines;
}

export const hasDrift = (lines: readonly CaptureLine[]): boolean =>
  !lines.every(({ state }) => fine.has(state));
