import { carryContexts } from './async-context.js';

export { healthHandler, type HealthHandler } from './handler.js';
export type { AuthorizeRule, DetailsRule, HealthHandlerOptions, ServedBoard } from './handler-options.js';
export { healthPlugin, type HealthPlugin, type HealthPluginOptions } from './plugin.js';
export type { PolicyAction } from './routes.js';
export { toHttpResponse, type HttpErrorBody, type HttpErrorResponse, type HttpResponseOptions } from '../http/to-http-response.js';
export { resilienceErrors, type ErrorMiddleware } from './resilience-errors.js';
export { resilienceErrorsPlugin, type ResilienceErrorsPlugin } from './resilience-errors-plugin.js';
export {
  activeCallsMiddleware, activeCallsPlugin, type ActiveCallsMiddleware, type ActiveCallsOptions, type ActiveCallsPlugin,
} from './active-calls.js';
export { deadlineMiddleware, type DeadlineMiddleware } from './deadline-middleware.js';
export type { DeadlineMiddlewareOptions } from './deadline-options.js';
export { deadlinePlugin, type DeadlinePlugin } from './deadline-plugin.js';
export { shutdownOnSignal, type Closable, type Shutdown, type ShutdownOptions, type ShutdownReport } from './shutdown.js';
export type { FastifyLike, FastifyReplyLike, FastifyRequestLike } from './fastify.js';
export type { EventMessage, HealthMessage, HealthView, LatencyView, PoliciesMessage, PolicyView } from './stream-messages.js';

// Whoever imports this entry has contexts that cross `await`.
carryContexts();
