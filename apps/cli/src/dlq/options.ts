import type { DeadLetterFilter } from '@tributary/dead-letters';
import type { CommandContext } from '../run-command';

export interface DlqOptions extends DeadLetterFilter {
  readonly limit: number;
  readonly wait: boolean;
  readonly patience: number;
  readonly json?: boolean;
}

export type Context = CommandContext<DlqOptions>;
