import type {
  DeadLetter,
  ReplayResult,
  ShownDeadLetter,
  TargetName,
  TargetOutcome,
} from '@tributary/operations';
import { count, printable } from '../output/format';
import type { Output } from '../output/output';

export function showList(out: Output, total: number, newest: readonly DeadLetter[]): void {
  if (total === 0) return out.line('No dead letters.');
  out.table<DeadLetter>(
    [
      { head: 'letter', value: ({ id }) => id },
      { head: 'at', value: ({ at }) => at },
      { head: 'stage', value: ({ stage }) => stage },
      { head: 'code', value: ({ code }) => code },
      { head: 'table', value: ({ table }) => table ?? '-' },
      { head: 'key', value: ({ key }) => cut(keyOf(key), 60) },
      { head: 'reason', value: ({ reason }) => cut(reason, 100) },
    ],
    newest,
  );
  if (newest.length < total)
    out.note(`The newest ${count(newest.length)} of ${count(total)} letters; --limit shows more.`);
}

export function showRecord(out: Output, { headers, key, value }: ShownDeadLetter): void {
  for (const [name, held] of Object.entries(headers))
    for (const text of [held].flat()) out.line(printable(`${name}: ${text ?? '(none)'}`));
  out.line(printable(`key: ${key ?? '(none)'}`));
  out.line(printable(`value: ${value ?? '(none)'}`));
}

export function showReplay(out: Output, result: ReplayResult): void {
  const { replayed, events, rejectedAgain, waitsFor, targets, notReplayable, listed } = result;
  out.line(
    `replayed ${count(replayed)}${events < replayed ? ` as ${count(events)} events` : ''}, rejected again ${count(rejectedAgain)}${notReplayable > 0 ? `, cannot be replayed ${count(notReplayable)}` : ''}`,
  );
  if (targets.size > 0 && replayed > 0)
    out.table<[TargetName, TargetOutcome]>(
      [
        { head: 'target', value: ([target]) => target },
        ...(['applied', 'superseded', 'rejected', 'pending'] as const).map((head) => ({
          head,
          value: ([, outcome]: [TargetName, TargetOutcome]) => count(outcome[head]),
          right: true,
        })),
      ],
      [...targets],
    );
  for (const { letter, why, command } of listed)
    out.note(printable(`${letter}: ${why}${command ? `: ${command}` : '.'}`));
  if (notReplayable > listed.length) out.note(`and ${count(notReplayable - listed.length)} more like these.`);
  if (waitsFor !== null) out.note(`They are not all worked off yet, ${waitsFor}: see tributary status.`);
}

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** The key columns alone, where the key is one of ours. */
function keyOf(key: string | null): string {
  try {
    return JSON.stringify((JSON.parse(key ?? 'null') as { key: unknown }).key) ?? key ?? '-';
  } catch {
    return key ?? '-';
  }
}
