import type { Floors } from './floors';
import type { Delay } from './lone-changes';
import type { PerService, StageTime } from './stages';
import type { TargetName } from './targets';

export const benchServers = ['mysql', 'kafka', 'mongodb', 'redis'] as const;
type BenchServer = (typeof benchServers)[number];

/** One phase that sends events through all stages. */
export interface PhaseResult {
  readonly events: number;
  /** From the start of the phase until the last stage had done its last event. */
  readonly seconds: number;
  readonly stages: PerService<StageTime>;
  /** Processor seconds of each service. */
  readonly cpu: PerService<number>;
  /** Processor seconds of each server; NaN where it is not a process of this machine. */
  readonly serverCpu: Readonly<Record<BenchServer, number>>;
  /** Highest resident memory of each service since its start, MB. */
  readonly peakMb: PerService<number>;
  /** One-minute load average of the machine at the start and at the end. */
  readonly load: readonly [number, number];
}

export interface BenchResult {
  readonly rows: number;
  readonly node: string;
  readonly cores: number;
  readonly versions: Readonly<Record<BenchServer, string>>;
  readonly load: PhaseResult;
  readonly stream: PhaseResult & { readonly commits: number; readonly commitSeconds: number };
  readonly lone: Readonly<Record<TargetName, Delay>>;
  /** Of one core. */
  readonly idleRelayPercent: number;
  /** Rows of the sample that both targets hold as the source does. */
  readonly compared: number;
  readonly floors?: Floors;
}
