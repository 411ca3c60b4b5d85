import {
  endpoints,
  problem,
  type AnswerOf,
  type BodyInputOf,
  type Endpoint,
  type Operation,
  type ParamsOf,
  type Problem,
  type QueryInputOf,
} from '@tributary/console-api';

interface Given<O extends Operation> {
  readonly params?: ParamsOf<O>;
  readonly query?: QueryInputOf<O>;
  readonly body?: BodyInputOf<O>;
}

type Answered<O extends Operation> =
  | { readonly ok: true; readonly status: number; readonly body: AnswerOf<O> }
  | { readonly ok: false; readonly status: number; readonly body: Problem };

/** Calls the API as a browser or a program does, and holds every answer to its schema. */
export class Client {
  #cookie: string | undefined;
  csrf: string | undefined;

  constructor(
    readonly url: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  async call<O extends Operation>(operation: O, given: Given<O> = {}): Promise<Answered<O>> {
    const endpoint: Endpoint = endpoints[operation];
    const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent((given.params as Record<string, string>)[name]!),
    );
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries((given.query ?? {}) as Record<string, unknown>))
      for (const one of [value].flat()) if (one !== undefined) query.append(name, String(one));
    const response = await this.send(endpoint.method, `/api/v1/${path}?${query}`, given.body);
    const body: unknown = await response.json();
    const schema = response.ok ? endpoint.answer : problem;
    // Nothing but what the schema names.
    expect(schema.parse(body)).toEqual(body);
    if (!response.ok) {
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      return { ok: false, status: response.status, body: body as Problem };
    }
    expect(response.status).toBe(endpoint.status ?? 200);
    return { ok: true, status: response.status, body: body as AnswerOf<O> };
  }

  /** The answer; throws the problem. */
  async done<O extends Operation>(operation: O, given: Given<O> = {}): Promise<AnswerOf<O>> {
    const answered = await this.call(operation, given);
    if (answered.ok) return answered.body;
    throw new Error(`${operation}: ${JSON.stringify(answered.body)}`);
  }

  /** Status and code of a call that must not succeed. */
  async problem<O extends Operation>(operation: O, given: Given<O> = {}): Promise<[number, string]> {
    const answered = await this.call(operation, given);
    return [answered.status, answered.ok ? 'none' : answered.body.type.replace('urn:tributary:problem:', '')];
  }

  async send(method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
    const response = await fetch(`${this.url}${path}`, {
      ...{ method, redirect: 'manual' },
      headers: {
        ...this.headers,
        ...(this.#cookie && { cookie: this.#cookie }),
        ...(this.csrf && { 'x-csrf-token': this.csrf }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const set of response.headers.getSetCookie()) this.#cookie = set.split(';')[0]!;
    return response;
  }

  get cookie(): string | undefined {
    return this.#cookie;
  }

  set cookie(cookie: string | undefined) {
    this.#cookie = cookie;
  }

  async login(body: BodyInputOf<'login'>): Promise<this> {
    this.csrf = (await this.done('login', { body })).csrf ?? undefined;
    return this;
  }
}
