import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/audit-trail';
import { ApiProblem } from '../http/api-problem';
import type { Call } from '../http/call';

type MaskedCall = Call<'trace' | 'history' | 'deadLetter' | 'verification'>;

/** Decides who sees values, and notes who has seen which. */
@Injectable()
export class Reveals {
  constructor(@Inject(AuditTrail) private readonly audit: AuditTrail) {}

  /**
   * Whether the answer is to be masked: for a viewer always, for an operator who wants it so. Else it is noted before it
   * answers whose values were seen; throws a problem 503, and shows nothing, where that cannot be noted.
   */
  async masked(call: MaskedCall, seen: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { operation, query, caller } = call;
    if (caller!.role !== 'operator' || query.mask === 'true') return true;
    const input = { operation, ...seen };
    const detail = 'Values were shown.';
    await this.audit
      .write(caller!, { action: 'reveal', input, reason: null, outcome: 'done', detail })
      .catch((error: unknown) => {
        if (!(error instanceof ApiProblem)) throw error;
        throw new ApiProblem(
          503,
          'AUDIT',
          'Values are shown only when that can be written to the audit topic, which fails now: ask with mask=true.',
        );
      });
    return false;
  }
}
