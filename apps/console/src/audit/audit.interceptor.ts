import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { endpoints, type Endpoint } from '@tributary/console-api';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Caller } from '../access/caller';
import type { Call } from '../http/call';
import type { Request } from '../http/express';
import { problemOf } from '../http/problem-of';
import { AuditTrail } from './audit-trail';

/** Writes each changing call to the audit topic, with its outcome, before it answers. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(@Inject(AuditTrail) private readonly audit: AuditTrail) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { call } = context.switchToHttp().getRequest<Request>();
    const { method, role }: Endpoint = endpoints[call!.operation];
    if (method === 'GET' || role !== 'operator') return next.handle();
    return from(this.#audited(call!, call!.caller!, () => lastValueFrom(next.handle())));
  }

  async #audited(call: Call, caller: Caller, work: () => Promise<unknown>): Promise<unknown> {
    const { reason = null, ...body } = (call.body ?? {}) as { readonly reason?: string };
    const of = { action: call.operation, input: Object.assign({}, call.params, call.query, body), reason };
    let answer: unknown;
    try {
      answer = await work();
    } catch (error) {
      const detail = problemOf(error)?.detail ?? 'The console has failed.';
      await this.audit.write(caller, { ...of, outcome: 'failed', detail });
      throw error;
    }
    await this.audit.write(caller, { ...of, outcome: call.outcome ?? 'done', detail: outcomeText(answer) });
    return answer;
  }
}

/** What came of it in numbers and names; lists may hold values of rows. */
const outcomeText = (answer: unknown): string =>
  JSON.stringify(answer, (_, member: unknown) => (Array.isArray(member) ? member.length : member)).slice(
    0,
    1_000,
  );
