import { conformance } from './conformance';
import { mongoTarget, redisTarget } from './harness';

jest.setTimeout(60_000);

conformance('MongoDB', mongoTarget);
conformance('Redis (hash)', () => redisTarget('hash'));
conformance('Redis (json)', () => redisTarget('json'));
conformance('Redis (fields)', () => redisTarget('fields'));
