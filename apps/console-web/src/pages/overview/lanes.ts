import type { Overview } from '@tributary/console-api';

export type Stage = Overview['stages'][number];

interface Lane {
  readonly target: string;
  readonly sink: Stage | undefined;
}

/** The stages as the picture has them: what all changes pass, one after another, then a lane for each target. */
export function lanesOf({ stages, targets }: Pick<Overview, 'stages' | 'targets'>) {
  const lanes: Lane[] = targets.map((target) => ({
    target,
    sink: stages.find(({ stage }) => stage === `${target}-sink`),
  }));
  const sinks = new Set(lanes.map(({ sink }) => sink));
  return { shared: stages.filter((stage) => !sinks.has(stage)), lanes };
}

const names: Readonly<Record<string, string>> = { mongo: 'MongoDB', redis: 'Redis' };

export const targetName = (target: string) => names[target] ?? target;
