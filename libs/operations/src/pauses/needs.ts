import type { Needs } from '@tributary/service';
import type { TargetName } from '@tributary/sync-config';
import { targetPlugins } from '@tributary/targets';

/** The target is asked where its address is known: it says what its sink still lacks of an earlier pause. */
export const pauseNeeds = ({ target }: { readonly target?: TargetName | undefined }): Needs => ({
  ...{ mysql: true, kafka: true },
  targets: targetPlugins.filter(
    ({ name, env: { variable } }) =>
      name === target && [variable, `${variable}_FILE`].some((known) => process.env[known]),
  ),
});
