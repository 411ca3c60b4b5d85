import { z } from 'zod';
import { endpoint } from './endpoint';

const user = z.object({ name: z.string(), role: z.enum(['viewer', 'operator']) });

/** Who is logged in, how one may log in, and what a changing call with a cookie has to bring along. */
const session = z.object({
  user: user.nullable(),
  /** Value of the header `x-csrf-token`; `null` without a session. */
  csrf: z.string().nullable(),
  methods: z.array(z.enum(['token', 'password', 'oidc'])),
  version: z.string(),
});
export type Session = z.infer<typeof session>;

const login = z.union([
  z.strictObject({ token: z.string().min(1).max(4_096) }),
  z.strictObject({ name: z.string().min(1).max(200), password: z.string().min(1).max(1_000) }),
]);

export const sessionEndpoints = {
  session: endpoint({
    method: 'GET',
    path: 'session',
    role: 'anyone',
    summary: 'Who is logged in, and how one may log in',
    answer: session,
  }),
  login: endpoint({
    method: 'POST',
    path: 'session',
    role: 'anyone',
    summary: 'Logs in by the printed token, or by name and password; the answer sets a cookie',
    body: login,
    answer: session,
  }),
  logout: endpoint({
    method: 'DELETE',
    path: 'session',
    role: 'viewer',
    summary: 'Logs out',
    answer: session,
  }),
} as const;
