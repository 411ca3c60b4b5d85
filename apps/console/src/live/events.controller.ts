import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { Authenticator } from '../access/authenticator';
import { ApiProblem } from '../http/api-problem';
import type { Request, Response } from '../http/express';
import { notLoggedIn } from '../http/operation.guard';
import { EventHub } from './event-hub';
import { EventStream } from './event-stream';

const MOST_OF_USER = 10;
const MOST = 200;

/** What happens, as it happens. */
@Controller()
export class EventsController {
  constructor(
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(EventHub) private readonly hub: EventHub,
  ) {}

  @Get('api/v1/events')
  async events(@Req() request: Request, @Res() response: Response): Promise<void> {
    const caller = await this.authenticator.callerOf(request);
    // Who has gone meanwhile would never be taken off again.
    if (response.destroyed) return;
    if (!caller) throw notLoggedIn();
    if (this.hub.streams >= MOST || this.hub.streamsOf(caller.name) >= MOST_OF_USER)
      throw new ApiProblem(
        429,
        'TOO_MANY_STREAMS',
        `So many event streams are open already (${MOST_OF_USER} of a user, ${MOST} in all): close one.`,
        undefined,
        { 'retry-after': '10' },
      );
    const stillMay = async () => (await this.authenticator.callerOf(request)) !== undefined;
    const { 'last-event-id': last } = request.headers;
    this.hub.add(
      new EventStream(caller.name, response, stillMay),
      typeof last === 'string' ? last : undefined,
    );
  }
}
