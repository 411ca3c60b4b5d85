import { readEnv, type Needs } from '@tributary/service';
import { usedTargets } from '@tributary/verify';

/** Every server but a target that the sync file does not use. */
export function everyServer(): Needs {
  const targets = usedTargets(readEnv({}).config);
  return { mysql: true, kafka: true, mongodb: targets.includes('mongo'), redis: targets.includes('redis') };
}
