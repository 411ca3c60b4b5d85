import { randomUUID } from 'node:crypto';
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { LOGGER, type Logger } from '@tributary/service';
import type { Request, Response } from './express';
import { ApiProblem } from './api-problem';
import { problemOf } from './problem-of';

/** Answers every failed call with a problem; what nobody has foreseen is logged under an id, and tells nothing but that. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const [request, response] = [
      host.switchToHttp().getRequest<Request>(),
      host.switchToHttp().getResponse<Response>(),
    ];
    // Probes have an answer of their own.
    if (error instanceof HttpException && !request.path.startsWith('/api/'))
      return void response.status(error.getStatus()).json(error.getResponse());
    // Nobody hears it any more.
    if (response.destroyed && (error as Error | undefined)?.name === 'AbortError') return;
    const problem = problemOf(error) ?? this.#unforeseen(error, request);
    if (response.headersSent) return void response.destroy();
    response
      .status(problem.status)
      .set({ ...problem.headers, 'cache-control': 'no-store' })
      .type('application/problem+json')
      .send(JSON.stringify(problem.body));
  }

  #unforeseen(error: unknown, { method, path }: Request): ApiProblem {
    const id = randomUUID().slice(0, 8);
    this.log.error(
      { event: 'call-failed', id, method, path, error },
      'a call has failed in a way nobody has foreseen',
    );
    return new ApiProblem(500, 'UNFORESEEN', `The console has failed; its log says more under the id ${id}.`);
  }
}
