import { readdirSync, readFileSync } from 'node:fs';

/** The kernel reports processor time in this unit on every Linux platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor seconds that a process, all its threads and its living descendants have used; NaN when it is gone. */
export function cpuSeconds(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself hold blanks and parentheses: count fields after the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const own = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    return children(pid).reduce((sum, child) => sum + (cpuSeconds(child) || 0), own);
  } catch {
    return NaN;
  }
}

function children(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

/** The most memory that a process ever had resident, MB (10^6 bytes); NaN when it is gone. */
export const peakMemoryMb = (pid: number): number => memoryMb(pid, 'VmHWM');

/** What it has resident now. */
export const residentMemoryMb = (pid: number): number => memoryMb(pid, 'VmRSS');

function memoryMb(pid: number, line: 'VmHWM' | 'VmRSS'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return (Number(kibibytes) * 1024) / 1e6;
  } catch {
    return NaN;
  }
}

/** Processor seconds used between two moments, by name. */
export class CpuClock<Name extends string> {
  readonly #start: Readonly<Record<Name, number>>;

  constructor(private readonly pids: Readonly<Record<Name, number>>) {
    this.#start = this.#read();
  }

  /** Since the clock was made. */
  elapsed(): Record<Name, number> {
    const now = this.#read();
    for (const name of Object.keys(now) as Name[]) now[name] -= this.#start[name];
    return now;
  }

  #read(): Record<Name, number> {
    return Object.fromEntries(
      Object.entries<number>(this.pids).map(([name, pid]) => [name, cpuSeconds(pid)]),
    ) as Record<Name, number>;
  }
}
