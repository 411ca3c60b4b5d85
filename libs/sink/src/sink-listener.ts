import type { ServiceContext } from '@tributary/service';
import type { TargetListener } from '@tributary/targets';

/** Logs what a sink's target meets. */
export const sinkListener = ({ log }: Pick<ServiceContext, 'log'>, title: string): TargetListener => ({
  onLost: ({ message }) => log.debug({ reason: message }, `The connection to ${title} was lost`),
  onWarning: (code, message) => log.warn({ code }, message),
});
