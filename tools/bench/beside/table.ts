import { median, type Compared } from './figures';

/** The comparison in Markdown: the median of the runs, and their range where there are several. */
export function table(lines: readonly Compared[], peer: string): string {
  const rows = lines.map(({ figure, ours, peers, ratio, met }) => [
    figure.name,
    range(ours, figure.digits),
    range(peers, figure.digits),
    ratio.toFixed(2),
    figure.goal === undefined ? '' : `${figure.goal}${met ? ', met' : ''}`,
  ]);
  const head = ['', 'Tributary', peer, 'ratio', 'goal'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function range(values: readonly number[], digits: number): string {
  const text = (value: number) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [low, high] = [text(Math.min(...values)), text(Math.max(...values))];
  return low === high ? low : `${text(median(values))} (${low} to ${high})`;
}
