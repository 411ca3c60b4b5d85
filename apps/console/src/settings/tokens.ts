/** Of `ConsoleSettings`, for injection. */
export const SETTINGS = Symbol('ConsoleSettings');
/** Of the users of CONSOLE_USERS_FILE; `null` without one. */
export const USERS = Symbol('UsersFile');
