import type { Operation, Problem } from '@tributary/console-api';
import { addressOf, type AnyInput } from './address';
import { calls, type Answer, type Input } from './calls';
import { noteAnswer, noteSilence } from './connection';
import { Away, Refused } from './failure';

let csrf: string | null = null;
let loggedOut = () => {};

/** What changing calls bring along from now on, as the session says. */
export const bringToken = (token: string | null) => void (csrf = token);
/** What to do when an answer says that the session has ended. */
export const onLoggedOut = (listener: () => void) => void (loggedOut = listener);

async function send(operation: Operation, input: AnyInput, signal?: AbortSignal): Promise<Response> {
  const [method] = calls[operation];
  const headers: Record<string, string> = { accept: 'application/json' };
  if (input.body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['x-csrf-token'] = csrf;
  const body = input.body === undefined ? null : JSON.stringify(input.body);
  try {
    const response = await fetch(addressOf(operation, input), {
      method,
      headers,
      body,
      signal: signal ?? null,
      credentials: 'same-origin',
    });
    // A proxy answers for a console that is not there.
    if ([502, 503, 504].includes(response.status) && !isProblem(response)) throw new Away();
    noteAnswer();
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    noteSilence();
    throw new Away('The console does not answer', { cause: error });
  }
}

const isProblem = (response: Response) => /problem\+json/.test(response.headers.get('content-type') ?? '');

async function problemOf(response: Response): Promise<Problem> {
  if (isProblem(response)) return (await response.json()) as Problem;
  const detail = `The console answered with status ${response.status}; its log says why.`;
  return { type: 'about:blank', title: response.statusText, status: response.status, detail };
}

/** Calls the console. A refusal is thrown as `Refused`, no answer as `Away`. */
export async function call<O extends Operation>(
  operation: O,
  input: Input<O>,
  signal?: AbortSignal,
): Promise<Answer<O>> {
  const response = await send(operation, input as AnyInput, signal);
  if (response.ok) return (await response.json()) as Answer<O>;
  if (response.status === 401 && operation !== 'login') loggedOut();
  throw new Refused(await problemOf(response));
}
