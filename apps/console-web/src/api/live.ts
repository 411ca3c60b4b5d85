import { useEffect } from 'react';
import type { LiveEvent, LiveEventName } from '@tributary/console-api';
import { ask, queryClient } from './queries';

type DataOf<N extends LiveEventName> = Extract<LiveEvent, { name: N }>['data'];
type Takers = { readonly [N in LiveEventName]: (data: DataOf<N>) => void };

const put = queryClient.setQueryData.bind(queryClient);
const askAgain = (operation: string) => void queryClient.invalidateQueries({ queryKey: [operation] });

/** Where the news goes: what a page shows is the answer to a question, and an event is a newer answer. */
const takers: Takers = {
  overview: (overview) => put(ask('overview', {}).queryKey, overview),
  snapshot: (snapshots) => put(ask('snapshots', {}).queryKey, snapshots),
  verification: (verifications) => {
    put(ask('verifications', {}).queryKey, verifications);
    askAgain('verification');
  },
  'dead-letter': (groups) => {
    put(ask('deadLetterGroups', {}).queryKey, groups);
    askAgain('deadLetters');
  },
  audit: () => askAgain('audit'),
};

/** A browser connects again after a lost connection, but not after an answer that is no stream. */
const AGAIN_MS = 5_000;

function listen(onRefused: () => void): EventSource {
  const source = new EventSource('/api/v1/events');
  for (const [name, take] of Object.entries(takers))
    source.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data)));
  // It does not say why it failed; a question does, and tells of an ended session too.
  source.addEventListener('error', () => {
    askAgain('overview');
    if (source.readyState === EventSource.CLOSED) onRefused();
  });
  return source;
}

/**
 * Listens to the console's events as long as the component is there and the tab is seen: a browser has six connections to
 * a server for all of its tabs, and each stream keeps one. It connects again by itself.
 */
export function useLiveEvents(): void {
  useEffect(() => {
    let source: EventSource | undefined;
    let again: number | undefined;
    const leave = () => {
      window.clearTimeout(again);
      source?.close();
      source = undefined;
    };
    const follow = () => {
      if (document.hidden) return leave();
      source ??= listen(() => {
        leave();
        again = window.setTimeout(follow, AGAIN_MS);
      });
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      leave();
    };
  }, []);
}
