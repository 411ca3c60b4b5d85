import { Controller, Inject } from '@nestjs/common';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { AuditTrail } from './audit-trail';

@Controller()
export class AuditController {
  constructor(@Inject(AuditTrail) private readonly trail: AuditTrail) {}

  @Operation('audit')
  async audit(@TheCall() { query }: Call<'audit'>): Promise<Answer<'audit'>> {
    return { entries: await this.trail.newest(query.limit, query.before) };
  }
}
