import { sentenceOf } from '../../api/failure';

let failure: string | null = null;

/** Why the token in the address did not log in, for the login page to say. */
export const noteLoginFailure = (error: unknown) => void (failure = sentenceOf(error));
export const loginFailure = () => failure;
