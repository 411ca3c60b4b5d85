import { fatal } from '@tributary/kernel';
import { isPassing, kafkaError } from './kafka-error';

const failure = (fields: object, message = 'boom', cause?: unknown) =>
  Object.assign(new Error(message, { cause }), fields);

describe('kafkaError', () => {
  it.each([
    [
      'a refused login',
      failure({ name: 'KafkaJSSASLAuthenticationError' }),
      'fatal',
      'KAFKA_LOGIN',
      'KAFKA_SASL_PASSWORD',
    ],
    [
      'a listener without SASL',
      failure({ type: 'ILLEGAL_SASL_STATE' }),
      'fatal',
      'KAFKA_LOGIN',
      'KAFKA_SASL_MECHANISM',
    ],
    [
      'a missing right',
      failure({ type: 'TOPIC_AUTHORIZATION_FAILED' }),
      'fatal',
      'KAFKA_RIGHTS',
      'TOPIC_AUTHORIZATION_FAILED',
    ],
    [
      'an old broker',
      failure({ name: 'KafkaJSServerDoesNotSupportApiKey' }),
      'fatal',
      'KAFKA_UNSUPPORTED',
      'cannot serve',
    ],
    ['a missing topic', failure({ type: 'UNKNOWN_TOPIC_OR_PARTITION' }), 'retry', 'KAFKA_TOPIC', 'missing'],
    [
      'a broken connection',
      failure({ name: 'KafkaJSConnectionError' }, 'connect ECONNREFUSED'),
      'retry',
      'UNREACHABLE',
      'ECONNREFUSED',
    ],
    ['anything else', new TypeError('x is undefined'), 'retry', 'UNREACHABLE', 'x is undefined'],
  ])('tells %s', (_, error, kind, code, text) => {
    const wrapped = failure({ name: 'KafkaJSNumberOfRetriesExceeded' }, 'gave up', error);
    for (const one of [error, wrapped]) {
      const problem = kafkaError(one, 'broker:9092');
      expect(problem).toMatchObject({ kind, code, message: expect.stringContaining(text) });
      expect(problem.message).toContain('broker:9092');
    }
  });

  it('looks into the single errors of an aggregate and leaves our own alone', () => {
    const aggregate = failure({ errors: [failure({ type: 'CLUSTER_AUTHORIZATION_FAILED' })] });
    expect(kafkaError(aggregate, 'b').code).toBe('KAFKA_RIGHTS');
    const own = fatal('CONFIG', 'wrong');
    expect(kafkaError(own, 'b')).toBe(own);
  });
});

describe('isPassing', () => {
  it.each([
    ['retries that are used up', failure({ name: 'KafkaJSNumberOfRetriesExceeded' }), true],
    [
      'a broker that has just started',
      failure({ name: 'KafkaJSGroupCoordinatorNotFound', retriable: false }),
      true,
    ],
    ['a cause that passes', failure({ retriable: false }, 'crash', failure({ retriable: true })), true],
    ['a fault of the client', failure({ retriable: false }, 'crash', new TypeError('x is undefined')), false],
  ])('%s', (_what, error, passes) => {
    expect(isPassing(error)).toBe(passes);
  });
});
