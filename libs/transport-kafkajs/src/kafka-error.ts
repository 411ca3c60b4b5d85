import { fatal, SyncError, tlsFault, transient } from '@tributary/kernel';
import { causes, reason } from '@tributary/transport';

interface KafkaFailure {
  readonly name?: string;
  readonly type?: string;
  readonly code?: string | number;
  readonly message?: string;
  readonly retriable?: boolean;
}

const failures = (error: unknown): KafkaFailure[] => [...causes(error)] as KafkaFailure[];

export const hasType = (error: unknown, ...types: string[]) =>
  failures(error).some(({ type }) => type !== undefined && types.includes(type));

const loginErrors = ['SASL_AUTHENTICATION_FAILED', 'ILLEGAL_SASL_STATE', 'UNSUPPORTED_SASL_MECHANISM'];
const unsupported = ['KafkaJSNotImplemented', 'KafkaJSServerDoesNotSupportApiKey'];

/**
 * Puts an error of the Kafka client into our classes: wrong login, missing rights and an unsupported broker are
 * fatal, everything else passes by itself. The sentence names the variable to look at, and never a secret.
 */
export function kafkaError(error: unknown, brokers: string): SyncError {
  if (error instanceof SyncError) return error;
  const chain = failures(error);
  const refused = chain.find(({ type }) => type?.endsWith('_AUTHORIZATION_FAILED'));
  if (
    chain.some(
      ({ name, type }) => name === 'KafkaJSSASLAuthenticationError' || loginErrors.includes(type ?? ''),
    )
  )
    return fatal(
      'KAFKA_LOGIN',
      `Kafka at ${brokers} refuses the login: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (and KAFKA_SSL).`,
      error,
    );
  if (refused)
    return fatal(
      'KAFKA_RIGHTS',
      `Kafka at ${brokers} denies access (${refused.type}): grant the account of KAFKA_SASL_USERNAME read, write and create on the topics and groups of the pipeline.`,
      error,
    );
  if (chain.some(({ name, type }) => unsupported.includes(name ?? '') || type === 'UNSUPPORTED_VERSION'))
    return fatal(
      'KAFKA_UNSUPPORTED',
      `Kafka at ${brokers} cannot serve this client: ${reason(error)}.`,
      error,
    );
  const tls = tlsFault(error);
  if (tls)
    return transient(
      'TLS',
      `TLS with Kafka at ${brokers} failed, ${tls}: check KAFKA_SSL, KAFKA_SSL_CA, KAFKA_SSL_CERT and KAFKA_SSL_KEY.`,
      error,
    );
  if (hasType(error, 'UNKNOWN_TOPIC_OR_PARTITION'))
    return transient('KAFKA_TOPIC', `A topic is missing on Kafka at ${brokers}; waiting for it.`, error);
  return transient(
    'UNREACHABLE',
    `Kafka at ${brokers} does not serve requests at the moment: ${reason(error)}.`,
    error,
  );
}

/** Of these the client itself says that they do not pass, but a broker that has just started still looks for the groups. */
const passing = ['KafkaJSNumberOfRetriesExceeded', 'KafkaJSGroupCoordinatorNotFound'];

/** Whether it is the trouble of a broker that is away or starting, not a fault of the client. */
export function isPassing(error: unknown): boolean {
  const chain = failures(error);
  return chain.some(({ name }) => passing.includes(name ?? '')) || chain.at(-1)?.retriable === true;
}
