import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { HealthRegistry } from './health';
import { Metrics } from './metrics';
import { ServiceInfo } from './service-info';

/** `/health/live` and `/health/ready` (docs/reference/http.md); 503 names what is down. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
    @Inject(HealthCheckService) private readonly checks: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  @Get('live')
  @HealthCheck()
  async live(): Promise<HealthCheckResult> {
    return this.#answer(await this.health.liveness());
  }

  @Get('ready')
  @HealthCheck()
  async ready(): Promise<HealthCheckResult> {
    return this.#answer(await this.health.readiness(), this.health.details());
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
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  async read(@Res() response: { type(type: string): { send(body: string): void } }): Promise<void> {
    const { registry } = this.metrics;
    response.type(registry.contentType).send(await registry.metrics());
  }
}

/** `/info`: what runs here, with which configuration, since when. */
@Controller('info')
export class InfoController {
  constructor(@Inject(ServiceInfo) private readonly about: ServiceInfo) {}

  @Get()
  @Header('cache-control', 'no-store')
  info(): Record<string, unknown> {
    return this.about.read();
  }
}
