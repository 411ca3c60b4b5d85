import { closeSync, openSync, writeSync } from 'node:fs';
import { fatal } from '@tributary/kernel';
import type { SettledDifference } from '@tributary/operations';

/** The file of `--report`: one JSON object a line for every difference, written as they are found. */
export class ReportFile {
  private constructor(private readonly file: number) {}

  /** Throws a fatal SyncError when the file cannot be written. */
  static open(path: string): ReportFile {
    try {
      return new ReportFile(openSync(path, 'w'));
    } catch (error) {
      throw fatal(
        'REPORT',
        `The report cannot be written (${(error as Error).message}): choose another --report.`,
      );
    }
  }

  write(difference: SettledDifference): void {
    writeSync(this.file, `${JSON.stringify({ at: new Date().toISOString(), ...difference })}\n`);
  }

  close(): void {
    closeSync(this.file);
  }
}
