import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { endpoints, type Endpoint, type Operation as OperationName } from '@tributary/console-api';
import type { z } from 'zod';
import { Authenticator } from '../access/authenticator';
import type { Caller } from '../access/caller';
import { sameText } from '../access/same-text';
import { AuditTrail } from '../audit/audit-trail';
import { ApiProblem } from './api-problem';
import type { Call } from './call';
import type { Request, Response } from './express';
import { readJson } from './json-body';
import { OPERATION } from './operation-name';

/** Of a caller who is not known yet. */
const LOGIN_BYTES = 16 << 10;
const BODY_BYTES = 1 << 20;

/** Lets a call through whose caller may make it and whose input fits; a body is read after that is known, not before. */
@Injectable()
export class OperationGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const [request, response] = [http.getRequest<Request>(), http.getResponse<Response>()];
    const operation = this.reflector.get<OperationName>(OPERATION, context.getHandler());
    const endpoint: Endpoint = endpoints[operation];
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    if (response.destroyed) gone.abort();
    const caller = await this.authenticator.callerOf(request);
    const refusal = refusalOf(endpoint, caller, request);
    if (refusal) {
      if (caller && endpoint.role === 'operator') await this.audit.refused(operation, caller, refusal.detail);
      throw refusal;
    }
    request.call = {
      ...{ operation, caller, request, response, signal: gone.signal },
      params: fitting('path', endpoint.params, request.params),
      query: fitting('query', endpoint.query, request.query),
      body:
        endpoint.body &&
        fitting('body', endpoint.body, await readJson(request, caller ? BODY_BYTES : LOGIN_BYTES)),
    } as Call;
    return true;
  }
}

export const notLoggedIn = () =>
  new ApiProblem(
    401,
    'LOGIN',
    'Nobody is logged in: log in at the console, or send a token as Authorization: Bearer.',
    undefined,
    { 'www-authenticate': 'Bearer' },
  );

function refusalOf(endpoint: Endpoint, caller: Caller | undefined, request: Request): ApiProblem | undefined {
  if (endpoint.role === 'anyone') return undefined;
  if (!caller) return notLoggedIn();
  if (endpoint.role === 'operator' && caller.role !== 'operator')
    return new ApiProblem(403, 'ROLE', `${caller.name} is a viewer: ask an operator to do it.`);
  if (
    endpoint.method !== 'GET' &&
    caller.csrf !== null &&
    !sameText(request.headers['x-csrf-token'], caller.csrf)
  )
    return new ApiProblem(
      403,
      'CSRF',
      'The header x-csrf-token must bring what GET /api/v1/session answers as csrf.',
    );
  return undefined;
}

function fitting(part: string, schema: z.ZodType | undefined, given: unknown): unknown {
  if (!schema) return undefined;
  const { data, error } = schema.safeParse(given);
  if (!error) return data;
  const faults = error.issues.map(({ path, message }) => ({
    at: [part, ...path.map(String)].join('.'),
    message,
  }));
  throw new ApiProblem(
    400,
    'INPUT',
    'What was sent does not fit: see faults, and /api/openapi.json.',
    faults,
  );
}
