import { ModulesContainer } from '@nestjs/core';
import { take } from 'rxjs';
import type { Health } from '../core/health.js';
import type { ApplicationPolicies } from './application-policies.js';
import { injectable } from './injectable.js';
import { APPLICATION_POLICIES } from './tokens.js';

/** As terminus takes it from a health indicator. */
export type PolicyHealthResult<Name extends string = string> = Record<Name, PolicyHealth>;

export interface PolicyHealth {
  /** `up`, `down`, or `degraded` where the terminus of the application knows that: the types of older ones do not. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the only type that both take
  readonly status: any;
  /** Beside `up`, where that stands for `degraded`. */
  readonly degraded?: true;
}

interface Session {
  readonly degraded?: unknown;
}

/**
 * The health of policies for `HealthCheckService` of `@nestjs/terminus`, which need not be installed. `ResilienceModule`
 * provides it everywhere; a module may also list it among its own providers.
 *
 * ```ts
 * check(): Promise<HealthCheckResult> {
 *   return this.health.check([() => this.resilience.check('payments')]);
 * }
 * ```
 */
export class ResilienceHealthIndicator {
  constructor(
    private readonly policies: ApplicationPolicies,
    private readonly modules: ModulesContainer,
  ) {}

  /**
   * The health of the policy of that name: `down` where it is down and `required`; else, if it is not up, `degraded`, or
   * `up` with `degraded: true` for a terminus that does not know that status (before 12.1). It tells nothing of an error.
   *
   * Rejects with a TypeError where there is no such policy.
   */
  check<Name extends string>(name: Name): Promise<PolicyHealthResult<Name>> {
    return new Promise((resolve) => {
      const { policy } = this.policies.find(name, 'ResilienceHealthIndicator.check');
      // The present one comes at once.
      policy.health$.pipe(take(1)).subscribe((health) => {
        resolve({ [name]: this.resultOf(health) } as PolicyHealthResult<Name>);
      });
    });
  }

  private resultOf({ status, required }: Health): PolicyHealth {
    if (status === 'up') return { status };
    if (status === 'down' && required) return { status };
    return this.knowsDegraded() ? { status: 'degraded' } : { status: 'up', degraded: true };
  }

  /** Asks the terminus of the application: its executor drops a status that it does not know. */
  private knowsDegraded(): boolean {
    for (const { metatype, providers } of this.modules.values()) {
      if (metatype.name !== 'TerminusModule') continue;
      for (const { instance, name } of providers.values()) {
        if (name !== 'HealthIndicatorService') continue;
        const session = (instance as { check(key: string): Session }).check('resilience');
        return typeof session.degraded === 'function';
      }
    }
    return false;
  }
}

injectable(ResilienceHealthIndicator, [APPLICATION_POLICIES, ModulesContainer]);
