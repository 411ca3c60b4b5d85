import type { OwnTrigger } from './existing-triggers';
import type { WantedTrigger } from './wanted-triggers';

const statement = /^\s*INSERT INTO .* SELECT .* FROM (.* WHERE .*) LOCK IN SHARE MODE;$/;
const source = /`((?:[^`]|``)+)`\.`((?:[^`]|``)+)` AS t\d+/g;

/** The ways by which a trigger's text finds children, each with the child (`database.table`) that it logs. */
function waysIn(body: string): Map<string, string> {
  const ways = new Map<string, string>();
  for (const line of body.split('\n')) {
    // By which index is no matter of what is found.
    const way = statement.exec(line)?.[1]?.replace(/ FORCE INDEX \(`(?:[^`]|``)+`\)/g, '');
    const child = way && [...way.matchAll(source)].at(-1);
    if (child) ways.set(way, `${child[1]}.${child[2]}`.replaceAll('``', '`'));
  }
  return ways;
}

/**
 * Captured children (`database.table`) of a parent whose changes by a cascade its triggers may have missed: a trigger or
 * a way in it is not there, or triggers of others run after ours and can change what the cascade meets.
 */
export function cascadeGaps(wanted: readonly WantedTrigger[], existing: readonly OwnTrigger[]): string[] {
  const missed = new Set<string>();
  for (const { event, body } of wanted) {
    const working = existing.filter(
      (trigger) => trigger.event === event && !trigger.moved && !trigger.inert && !trigger.overtaken,
    );
    const covered = working.map((trigger) => waysIn(trigger.body));
    for (const [way, child] of waysIn(body)) if (!covered.some((ways) => ways.has(way))) missed.add(child);
  }
  return [...missed].sort();
}
