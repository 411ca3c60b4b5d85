import { z } from 'zod';

/** Who may call: `anyone` without a session, `viewer` any user, `operator` only those who may change things. */
type Role = 'anyone' | 'viewer' | 'operator';

/** One call of the REST API. Its path stands below `/api/v1`, with `{name}` for each parameter. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly role: Role;
  /** One sentence, for people. */
  readonly summary: string;
  /** Strings, as they come in the path. */
  readonly params?: z.ZodObject;
  /** Strings or lists of strings, as they come in the query. */
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Of a success: 200 unless it says otherwise. */
  readonly status?: 200 | 201 | 202;
}

/** Gives an endpoint its exact type, which the server and the client are checked against. */
export const endpoint = <const E extends Endpoint>(of: E): E => of;

/** What a call is answered with that could not be done: `application/problem+json`, RFC 9457. */
export const problem = z.object({
  /** Stable, for programs: `urn:tributary:problem:<CODE>`. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** One or two sentences: what, where, and what to do next. */
  detail: z.string(),
  /** Of a call whose input does not fit: where in it, and why. */
  faults: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problem>;
