import { Environment, envPart, type Variables } from '@tributary/sync-config';
import { fatal } from '@tributary/kernel';
import { z } from 'zod';
import { LEAST_SECRET, Sealer } from './sealer';

/** CONSOLE_SECRET, or what the file of CONSOLE_SECRET_FILE holds. */
export const consoleSecret = envPart(
  {
    CONSOLE_SECRET: z
      .string()
      .min(LEAST_SECRET, `CONSOLE_SECRET is too short: it must have ${LEAST_SECRET} characters or more`)
      .optional(),
  },
  ({ CONSOLE_SECRET }) => CONSOLE_SECRET,
);

/** Seals as every console does that has this environment. Throws a fatal SyncError `ENV` where it has no secret. */
export function sealerOf(variables: Variables): Sealer {
  const read = new Environment(variables);
  const secret = read.read(consoleSecret);
  if (secret !== undefined) return new Sealer(secret);
  const [
    fault = `CONSOLE_SECRET is missing: set it to that of the console, ${LEAST_SECRET} characters or more`,
  ] = read.faults;
  throw fatal('ENV', `${fault}.`);
}
