import { Controller, Inject } from '@nestjs/common';
import type { Answer } from '../http/answer';
import { Operation } from '../http/operation';
import { LiveStatus } from '../live/live-status';

@Controller()
export class OverviewController {
  constructor(@Inject(LiveStatus) private readonly live: LiveStatus) {}

  @Operation('overview')
  overview(): Promise<Answer<'overview'>> {
    return this.live.overview();
  }
}
