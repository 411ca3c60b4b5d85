import { allStates } from './state';

/**
 * The MongoDB that the environment names, unless it is one that a stack of this clone started: after
 * `eval "$(npm run -s stack -- env)"` the variable names a server that is ours, not somebody else's.
 */
export function externalMongo(): string | undefined {
  const uri = process.env['MONGODB_URI'];
  if (!uri) return undefined;
  const ours = allStates().some(
    ({ servers: { mongodb } }) => mongodb && uri.includes(`127.0.0.1:${mongodb.port}/`),
  );
  return ours ? undefined : uri;
}
