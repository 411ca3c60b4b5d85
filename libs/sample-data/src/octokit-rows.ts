import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { RowCollector, type RowSet } from '@tributary/gh-archive';

/** The real GitHub users and repositories in the webhook payloads of npm package @octokit/webhooks-examples. */
export function octokitRows(): RowSet {
  const file = createRequire(import.meta.url).resolve('@octokit/webhooks-examples');
  const collector = new RowCollector();
  collector.addAllIn(JSON.parse(readFileSync(file, 'utf8')));
  return collector.take();
}
