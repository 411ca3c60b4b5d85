import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { ServiceContext } from './service-context';

/** `/health/live` and `/health/ready` (docs/reference/http.md); 503 names what is down. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(ServiceContext) private readonly context: ServiceContext,
    @Inject(HealthCheckService) private readonly checks: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  @Get('live')
  @HealthCheck()
  async live(): Promise<HealthCheckResult> {
    return this.#answer(await this.context.health.liveness());
  }

  @Get('ready')
  @HealthCheck()
  async ready(): Promise<HealthCheckResult> {
    const { health } = this.context;
    return this.#answer(await health.readiness(), health.details());
  }

  #answer(
    results: Map<string, string | null>,
    details: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(),
  ): Promise<HealthCheckResult> {
    return this.checks.check([
      ...[...results].map(([name, fault]) => () => {
        const indicator = this.indicators.check(name);
        return fault === null ? indicator.up() : indicator.down(fault);
      }),
      ...[...details].map(
        ([name, detail]) =>
          () =>
            this.indicators.check(name).up(detail),
      ),
    ]);
  }
}

/** `/metrics` in Prometheus' text format. */
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(ServiceContext) private readonly context: ServiceContext) {}

  @Get()
  async metrics(@Res() response: { type(type: string): { send(body: string): void } }): Promise<void> {
    const { registry } = this.context.metrics;
    response.type(registry.contentType).send(await registry.metrics());
  }
}

/** `/info`: what runs here, with which configuration, since when. */
@Controller('info')
export class InfoController {
  constructor(@Inject(ServiceContext) private readonly context: ServiceContext) {}

  @Get()
  @Header('cache-control', 'no-store')
  info(): Record<string, unknown> {
    return this.context.info();
  }
}
