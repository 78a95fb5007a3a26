import { createServer, type IncomingMessage } from 'node:http';
import { circuitBreaker, healthBoard, policyRegistry } from 'rxjs-resilience';
import { healthHandler } from 'rxjs-resilience/node';

export const registry = policyRegistry();
export const payments = registry.register(circuitBreaker({ name: 'payments' }));
const board = healthBoard({ ready: { payments } });

// A proxy has asked who it is, and says so. Nobody reaches this port without it.
const roleOf = ({ headers }: IncomingMessage) => headers['x-role'];

export const health = healthHandler(board, {
  registry,
  dashboard: true,
  control: true,
  allowedHosts: ['admin.example'],
  authorize: (req, action) => roleOf(req) === 'operator' || (action === undefined && roleOf(req) === 'viewer'),
});

export const server = createServer(health);
