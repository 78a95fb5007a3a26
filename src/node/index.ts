export type { EventMessage, HealthMessage, HealthView, LatencyView, PoliciesMessage, PolicyView } from './stream-messages.js';
