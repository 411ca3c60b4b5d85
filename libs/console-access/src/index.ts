export { makeToken, readToken } from './access-token';
export { hashPassword, passwordMatches } from './password';
export { LEAST_SECRET, Sealer } from './sealer';
export { role, user, type User, type UserRole } from './user';
export { parseUsers, UsersFile, type ListedUser } from './users-file';
