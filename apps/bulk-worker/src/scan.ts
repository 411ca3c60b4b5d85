import { sourceScanWork, targetScanWork } from '@tributary/bulk';
import { addressOf, readEnv } from '@tributary/service';
import type { TargetName } from '@tributary/sync-config';
import { targetPlugin } from '@tributary/targets';

/** What the targets must hold of rows of the source. */
export const openSourceScan = () => Promise.resolve(sourceScanWork(readEnv({ mysql: true })));

/** What a target holds. */
export const openTargetScan = (name: TargetName) => async () => {
  const target = targetPlugin(name);
  const env = readEnv({ mysql: true, targets: [target] });
  const connected = await target.connect(addressOf(env, target), { onLost() {}, onWarning() {} });
  return targetScanWork(env, name, connected);
};
