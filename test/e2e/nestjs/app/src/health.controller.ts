import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { ResilienceHealthIndicator } from 'rxjs-resilience/nestjs';

@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly resilience: ResilienceHealthIndicator,
  ) {}

  @Get('health')
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.resilience.check('catalog'), () => this.resilience.check('pool')]);
  }

  @Get('health/required')
  @HealthCheck()
  required(): Promise<HealthCheckResult> {
    return this.health.check([() => this.resilience.check('isolated')]);
  }
}
