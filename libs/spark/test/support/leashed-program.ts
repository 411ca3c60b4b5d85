import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leashedOutput } from '../../src';

/** Works for ever, on a leash that is short enough for a test; leaves its pid in the folder that is named. */
const folder = process.argv[2]!;
leashedOutput({ beatMs: 200, patienceMs: 1500 });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, String(process.pid)), '');
setInterval(() => undefined, 1000);
