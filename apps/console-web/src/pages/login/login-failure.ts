import { sentenceOf } from '../../api/failure';

/** By the code that the console sends a browser back with from the OpenID provider. */
const refusals: Readonly<Record<string, string>> = {
  LOGIN: 'The login at the OpenID provider was not completed: begin again.',
  OIDC_AWAY: 'The OpenID provider does not answer as one: try again, or ask whoever runs the console.',
};

export const refusalOf = (code: string): Error =>
  new Error(refusals[code] ?? 'The login has failed; the log of the console says why.');

let failure: string | null = null;

/** Why the token in the address did not log in, for the login page to say. */
export const noteLoginFailure = (error: unknown) => void (failure = sentenceOf(error));
export const loginFailure = () => failure;
