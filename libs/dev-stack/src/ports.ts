import { freePort } from '@tributary/kernel';
import { allStates } from './state';

/** A port that nobody listens on and that no stack of this clone keeps for itself. */
export function pickPort(taken: readonly number[] = []): Promise<number> {
  const kept = allStates().flatMap(({ servers }) =>
    Object.values(servers).flatMap((s) => [s.port, s.innerPort ?? 0]),
  );
  return freePort(new Set([...taken, ...kept]));
}
