import type { Overview } from '@tributary/console-api';
import type { Sample } from '../live/sample';
import { standingOf } from '../tables/standing';
import type { OverviewMemory, Stage } from './overview-memory';

type Verdict = Overview['verdict'];

const LAG_SECONDS = 60;
const GROWTH_SECONDS = 300;

/** What a person needs to know first: the worst thing by its name, since when, and what to do. */
export function verdictOf(sample: Sample, stages: readonly Stage[], memory: OverviewMemory): Verdict {
  const looks = [
    unreachable,
    stopped,
    waiting,
    suspended,
    growing,
    lagging,
    openDeadLetters,
    paused,
    loading,
  ];
  for (const look of looks) {
    const found = look(sample, stages, memory);
    if (found) return found;
  }
  return { severity: 'ok', sentence: 'All is well: every stage runs and nothing waits.', next: null };
}

type Look = (sample: Sample, stages: readonly Stage[], memory: OverviewMemory) => Verdict | undefined;

const count = (many: number, what: string) =>
  `${many.toLocaleString('en-US')} ${what}${many === 1 ? '' : 's'}`;
const clock = (at: string) => `${at.slice(11, 16)} UTC`;
const sentenceOf = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

const unreachable: Look = ({ status }) => {
  const [part, why] = Object.entries(status.unreachable).find(([name]) => /^(mysql|kafka)/.test(name)) ?? [];
  if (part === undefined) return undefined;
  return {
    severity: 'trouble',
    sentence: `${part} does not answer: ${sentenceOf(why!)}`,
    next: 'tributary doctor',
  };
};

const stopped: Look = (_, stages) => {
  const down = stages.filter(({ state }) => state === 'stopped');
  if (down.length === 0) return undefined;
  const names = down.map(({ stage, since }) => `${stage} (since ${clock(since!)})`).join(', ');
  return {
    severity: 'trouble',
    sentence: `No instance runs of ${names}.`,
    next: `Start ${down[0]!.stage}, and look into its log for why it ended.`,
  };
};

const waiting: Look = (_, stages) => {
  const found = stages.find(({ state, blockedBy }) => state === 'waiting' && blockedBy !== null);
  if (!found) return undefined;
  return {
    severity: 'trouble',
    sentence: `${found.stage} waits since ${clock(found.since!)}: ${sentenceOf(found.blockedBy!)}`,
    next: 'It goes on by itself when that is over; tributary doctor shows what is wrong on the server.',
  };
};

const suspended: Look = ({ status }) => {
  const tables = status.tables.filter((table) => standingOf(table) === 'suspended');
  const [first] = tables;
  if (!first) return undefined;
  const others = tables.length > 1 ? `, and ${count(tables.length - 1, 'other table')}` : '';
  return {
    severity: 'trouble',
    sentence: `${first.table} is suspended${others}: ${sentenceOf(first.reason ?? 'no reason is known')}`,
    next: first.remedy,
  };
};

const growing: Look = ({ status, deadLetters }, _, memory) => {
  const before = memory.before(status.at, GROWTH_SECONDS)?.deadLetters ?? null;
  if (!deadLetters || before === null || deadLetters.total <= before) return undefined;
  const [worst] = deadLetters.groups;
  return {
    severity: 'trouble',
    sentence:
      `Dead letters grow: ${(deadLetters.total - before).toLocaleString('en-US')} more in five minutes, ${deadLetters.total} are open` +
      (worst ? `, most of them ${causeOf(worst)}.` : '.'),
    next: 'Look at the group of the cause, mend it, and replay.',
  };
};

const causeOf = ({ code, table, column }: { code: string; table: string | null; column: string | null }) =>
  `${code}${table === null ? '' : ` of ${table}${column === null ? '' : `.${column}`}`}`;

const lagging: Look = ({ status }, stages, memory) => {
  const [slowest] = [...stages].sort((a, b) => (b.lagSeconds ?? 0) - (a.lagSeconds ?? 0));
  const lag = slowest?.lagSeconds ?? 0;
  if (!slowest || lag < LAG_SECONDS) return undefined;
  const before = memory.before(status.at, GROWTH_SECONDS)?.lagSeconds ?? 0;
  return {
    severity: 'warn',
    sentence: `${slowest.stage} is ${Math.round(lag)} s behind${lag > before ? ', and it grows' : ''}.`,
    next: 'Run more copies of it, as far as there are partitions, or wait until the load is over.',
  };
};

const openDeadLetters: Look = ({ deadLetters }) => {
  if (!deadLetters || deadLetters.total === 0) return undefined;
  const [worst] = deadLetters.groups;
  return {
    severity: 'warn',
    sentence: `${count(deadLetters.total, 'dead letter')} ${deadLetters.total === 1 ? 'is' : 'are'} open${worst ? `, most of them ${causeOf(worst)}` : ''}.`,
    next: 'Look at the group of the cause, mend it, and replay.',
  };
};

const paused: Look = ({ status }) => {
  const tables = status.tables.filter((table) => table.paused.length > 0);
  const [first] = tables;
  if (!first) return undefined;
  const others = tables.length > 1 ? `, and ${count(tables.length - 1, 'other table')}` : '';
  const { by, at, target } = first.paused[0]!;
  return {
    severity: 'warn',
    sentence: `${first.table}${target === null ? '' : ` in ${target}`} is paused by ${by} since ${clock(at)}${others}.`,
    next: first.remedy,
  };
};

const loading: Look = ({ status }) => {
  const open = status.tables.filter(
    ({ snapshot }) => snapshot?.state === 'running' || snapshot?.state === 'queued',
  );
  if (open.length === 0) return undefined;
  return {
    severity: 'ok',
    sentence: `All is well: ${count(open.length, 'table')} being loaded.`,
    next: null,
  };
};
