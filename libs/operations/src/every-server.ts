import { readEnv, type Needs } from '@tributary/service';
import { usedPlugins } from './targets/open-targets';

/** Every server but a target that the sync file does not use. */
export function everyServer(): Needs {
  return { mysql: true, kafka: true, targets: usedPlugins(readEnv({}).config) };
}
