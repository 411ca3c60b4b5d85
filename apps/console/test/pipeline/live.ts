import { EventReader } from '../support/event-reader';
import type { RunningConsole } from './running-console';

/** Server-sent events. */
export function live(running: RunningConsole): void {
  const { pipeline } = running;
  const { table } = running.pipeline;

  it('tells what happens as it happens, and what was missed to who comes back', async () => {
    const reader = await EventReader.open(running.viewer);
    await reader.until('overview', ({ verdict }) => verdict.severity === 'ok');
    await running.operator.done('resend', { body: { table, key: ['8'] } });
    await reader.until(
      'audit',
      ({ action, input }) => action === 'resend' && JSON.stringify(input).includes('"8"'),
    );
    await pipeline.reject(40);
    await reader.until('dead-letter', ({ total }) => total === 1);
    await reader.until('snapshot', ({ snapshots }) => snapshots.length > 0);
    await reader.until('verification', ({ verifications }) => verifications.length === 5);
    reader.close();
    const last = reader.seen.at(-1)!;
    await running.operator.done('discardDeadLetters', { body: { table } });
    const again = await EventReader.open(running.viewer, { 'last-event-id': last.id });
    await again.until('dead-letter', ({ total }) => total === 0);
    const numbers = again.seen.map(({ id }) => Number(id.split('-')[1]));
    expect(numbers).toEqual(numbers.map((_, at) => Number(last.id.split('-')[1]) + 1 + at));
    again.close();
  });
}
