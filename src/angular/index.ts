export { injectCircuit } from './inject-circuit.js';
export { injectHealth } from './inject-health.js';
export { provideResilience } from './provide-resilience.js';
export { type RequestResilience, withResilience } from './request-resilience.js';
export { resilienceInterceptor } from './resilience-interceptor.js';
export type { ResilienceOptions } from './resilience-options.js';
