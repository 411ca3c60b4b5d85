import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Processor seconds that everything on this machine has used since it was started: the measure where much is short-lived. */
export function machineCpuSeconds(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = fields;
  return (user + nice + system + irq + softIrq) / TICKS_PER_SECOND;
}
