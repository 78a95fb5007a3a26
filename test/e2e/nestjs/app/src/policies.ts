import { bulkhead, circuitBreaker, constant, retryWithBackoff } from 'rxjs-resilience';
import type { NamedPolicies } from 'rxjs-resilience/nestjs';

export const policies: NamedPolicies = {
  again: (name) => retryWithBackoff(constant(0), { name, maxRetries: 2, budget: false }),
  catalog: (name) => circuitBreaker({ name, failureThreshold: 2, breakDuration: 60_000 }),
  pool: (name) => bulkhead(10, 0, { name }),
  isolated: (name) => {
    const circuit = circuitBreaker({ name, required: true });
    circuit.isolate();
    return circuit;
  },
};
