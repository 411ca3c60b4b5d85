import { applyDecorators, Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { BaseRpcContext, Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import type { Round } from './rounds';

/** Keeps round handlers out of other transports of the same app. */
export const roundTransport = Symbol('tributary.rounds');

/** Second argument of a round handler (`@Ctx()`). */
export class RoundContext extends BaseRpcContext<[Round, AbortSignal]> {
  get round(): Round {
    return this.getArgByIndex(0);
  }

  /**
   * Aborts when the work is no longer ours (the partitions were taken away, or the process ends and cannot wait
   * longer): what the handler still does will not be confirmed and comes again.
   */
  get signal(): AbortSignal {
    return this.getArgByIndex(1);
  }
}

/** Nest replaces errors by `{status, message}`; the strategy needs the SyncError itself, class and all. */
@Catch()
class PassErrors implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks a controller method as the handler of a topic's rounds: `(round: Round, context: RoundContext) =>
 * Promise<void | Outcome[]>`. `topic` is the name that BatchServer's option `topics` maps (`changes`, `validated`), or a
 * topic. Resolving confirms all batches, or those that the outcomes (one a batch, as of `Promise.allSettled`) say. A
 * SyncError `fatal` ends the process. Throwing anything else, the handler gets each batch once more, alone, so that one
 * takes no other along; a batch that fails alone stays unconfirmed, and comes again after a pause.
 */
export function RoundHandler(topic: string): MethodDecorator {
  const decorate = applyDecorators(EventPattern<string>(topic, roundTransport), UseFilters(new PassErrors()));
  return (target, method, descriptor) => {
    // Without parameter decorators Nest would hand over the first argument only.
    Payload()(target, method, 0);
    Ctx()(target, method, 1);
    decorate(target, method, descriptor);
  };
}
