import { InvalidArgumentError } from 'commander';
import { fatal } from '@tributary/kernel';
import type { SampleSize, TargetName } from '@tributary/operations';
import { refuseSparkOptions, type EngineFlags } from '../engine/engine-options';

export interface VerifyOptions extends EngineFlags {
  readonly table?: string;
  readonly target?: TargetName;
  readonly afterLoad?: boolean;
  readonly repair?: boolean;
  readonly dryRun?: boolean;
  readonly repairRate: number;
  readonly sample?: SampleSize;
  readonly rate?: number;
  readonly parallel?: number;
  readonly rangeRows?: number;
  readonly continuous?: boolean;
  readonly interval: number;
  readonly port?: number;
  readonly patience: number;
  readonly examples: number;
  readonly report?: string;
  readonly json?: boolean;
}

/** Throws a fatal SyncError `USAGE` for options that say nothing together. */
export function refuseClashes(options: VerifyOptions): void {
  refuseSparkOptions(options);
  if (options.port !== undefined && !options.continuous)
    throw fatal('USAGE', '--port serves the metrics of --continuous: give both, or neither.');
  if (options.engine === 'node' && options.rangeRows !== undefined)
    throw fatal('USAGE', '--range-rows is for --engine spark: give both, or neither.');
  const ofNode = (['sample', 'rate', 'continuous'] as const).filter((name) => options[name] !== undefined);
  if (options.engine === 'spark' && ofNode.length > 0)
    throw fatal(
      'USAGE',
      `${ofNode.map((name) => `--${name}`).join(' and ')} cannot be had with --engine spark, which always scans all rows once: leave it out, or use --engine node.`,
    );
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function positiveWhole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}

export function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be a port from 0 (any free one) to 65535.');
  return value;
}

/** `1000` rows, or `2.5%`. */
export function sampleSize(text: string): SampleSize {
  const part = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (part !== undefined && Number(part) > 0 && Number(part) <= 100) return { part: Number(part) / 100 };
  if (/^[1-9]\d*$/.test(text)) return { rows: Number(text) };
  throw new InvalidArgumentError('It must be a number of rows, such as 1000, or a part, such as 2%.');
}
