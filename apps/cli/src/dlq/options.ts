import type { CommandContext } from '../run-command';
import type { LetterFilter } from './letter';

export interface DlqOptions extends LetterFilter {
  readonly limit: number;
  readonly wait: boolean;
  readonly patience: number;
  readonly json?: boolean;
}

export type Context = CommandContext<DlqOptions>;
