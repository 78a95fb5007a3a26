import { type EnvironmentProviders, makeEnvironmentProviders, VERSION } from '@angular/core';
import { reading } from '../core/options.js';
import { RESILIENCE, Resilience } from './resilience.js';
import { readResilience, type ResilienceOptions } from './resilience-options.js';

const oldest = 20;

/**
 * The policies of an application, or of a route that has an injector of its own. Without it the interceptor works with
 * the defaults.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range; Error where Angular
 * is older than 20
 *
 * ```ts
 * providers: [
 *   provideHttpClient(withInterceptors([resilienceInterceptor])),
 *   provideResilience({ propagateTo: ['https://api.example'] }),
 * ]
 * ```
 */
export function provideResilience(options: ResilienceOptions = {}): EnvironmentProviders {
  if (Number(VERSION.major) < oldest) throw new Error(`rxjs-resilience/angular needs Angular ${oldest} or later, got ${VERSION.full}`);
  const setup = reading('provideResilience', () => readResilience(options));
  return makeEnvironmentProviders([{ provide: RESILIENCE, useFactory: () => new Resilience(setup) }]);
}
