import { targetPlugin } from '../src';
import { conformance } from './conformance';
import { mongoTarget, redisTarget } from './harness';
import { misshapenVersions } from './misshapen';
import { ownedPlaces } from './places';
import { sweeping } from './sweep';

jest.setTimeout(60_000);

for (const promise of [conformance, misshapenVersions, sweeping]) {
  promise('MongoDB', mongoTarget);
  promise('Redis (hash)', () => redisTarget('hash'));
  promise('Redis (json)', () => redisTarget('json'));
  promise('Redis (fields)', () => redisTarget('fields'));
}

ownedPlaces('MongoDB', targetPlugin('mongo'), mongoTarget);
ownedPlaces('Redis', targetPlugin('redis'), () => redisTarget('hash'));
