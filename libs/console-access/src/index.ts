export { makeToken, readToken } from './access-token';
export { consoleSecret, sealerOf } from './console-secret';
export { hashPassword, passwordMatches } from './password';
export { Sealer } from './sealer';
export { OIDC_PREFIX, role, user, type User } from './user';
export { UsersFile } from './users-file';
