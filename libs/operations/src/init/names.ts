import { fatal } from '@tributary/kernel';

/** What a new pipeline is called: where it stands beside others on one server, and so that they do not meet. */
export interface PipelineNames {
  /** Of the topics. */
  readonly prefix: string;
  readonly captureSchema: string;
  /** The login of trigger-relay and command line on the source. */
  readonly account: string;
}

/** An account's name on MySQL has at most 32 characters. */
const usable = /^[a-z0-9_]{1,16}$/;

/** `name`: what tells it from others; nothing means the only one. Throws a fatal SyncError `NAME`. */
export function pipelineNames(name: string | undefined): PipelineNames {
  if (name !== undefined && !usable.test(name))
    throw fatal(
      'NAME',
      `${JSON.stringify(name)} cannot name a pipeline: use 1 to 16 small letters, digits and underscores.`,
    );
  const whole = name === undefined ? 'tributary' : `tributary_${name}`;
  return { prefix: whole, captureSchema: whole, account: `${whole}_relay` };
}
