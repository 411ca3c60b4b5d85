import { InvalidArgumentError } from 'commander';
import type { SampleSize, TargetName } from '@tributary/operations';

export interface VerifyOptions {
  readonly table?: string;
  readonly target?: TargetName;
  readonly afterLoad?: boolean;
  readonly repair?: boolean;
  readonly dryRun?: boolean;
  readonly repairRate: number;
  readonly sample?: SampleSize;
  readonly rate?: number;
  readonly parallel: number;
  readonly continuous?: boolean;
  readonly interval: number;
  readonly port?: number;
  readonly patience: number;
  readonly examples: number;
  readonly report?: string;
  readonly json?: boolean;
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
