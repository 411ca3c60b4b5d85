import { applyDecorators, Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { BaseRpcContext, Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import type { RecordBatch } from './records';

/** Keeps batch handlers out of other transports of the same app. */
export const batchTransport = Symbol('tributary.batches');

/** Second argument of a batch handler (`@Ctx()`). */
export class BatchContext extends BaseRpcContext<[RecordBatch, AbortSignal]> {
  get batch(): RecordBatch {
    return this.getArgByIndex(0);
  }

  /**
   * Aborts when the work is no longer ours (the partition was taken away, or the process ends and cannot wait
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
 * Marks a controller method as the handler of a topic's batches: `(batch: RecordBatch, context: BatchContext) =>
 * Promise<void>`. `topic` is the name that BatchServer's option `topics` maps (`changes`, `validated`), or a topic.
 * Resolving confirms the whole batch. Throwing a SyncError `fatal` ends the process; throwing anything else leaves
 * the batch unconfirmed, and it comes again after a pause.
 */
export function BatchHandler(topic: string): MethodDecorator {
  const decorate = applyDecorators(EventPattern<string>(topic, batchTransport), UseFilters(new PassErrors()));
  return (target, method, descriptor) => {
    // Without parameter decorators Nest would hand over the first argument only.
    Payload()(target, method, 0);
    Ctx()(target, method, 1);
    decorate(target, method, descriptor);
  };
}
