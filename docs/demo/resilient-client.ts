import { Agent } from 'node:http';
import { firstValueFrom, type Observable } from 'rxjs';
import {
  anyOf, attempt, bulkhead, circuitBreaker, consecutiveFailures, exponential, failureRate, fallbackToValue, fixedLimit,
  loadShed, loadShedder, type Policy, type PolicyRegistry, retryWithBackoff, withDeadline,
} from 'rxjs-resilience';
import type { CircuitName, Client, Reply, Urls } from './client.ts';
import { get } from './request.ts';
import type { BackendName, Scenario } from './scenario.ts';

interface Settings {
  readonly scenario: Scenario;
  readonly random: () => number;
  readonly onCircuit: (backend: BackendName, state: CircuitName) => void;
  /** Where the policies are to be seen. */
  readonly registry?: PolicyRegistry | undefined;
}

/**
 * The same service with the whole pipe around each of its dependencies. What they share is what the bare one has too:
 * so many calls at once. Everything else is theirs alone, so that one cannot take the other down.
 */
export function resilientClient(urls: Urls, { scenario, random, onCircuit, registry }: Settings): Client {
  const { places, tryDeadline, totalDeadline, breakDuration, tripOver } = scenario;
  const agent = new Agent({ keepAlive: false });
  // Of the calls at once, that may run to one dependency and that may wait for it.
  const share = Math.ceil(places / 4);
  const shedder = loadShedder({ limit: fixedLimit(places), name: 'service' });

  function protect(name: BackendName) {
    const perTry = withDeadline(tryDeadline, { name: `${name} try` });
    const pool = bulkhead(share, { size: share, timeout: tryDeadline }, { name });
    const circuit = circuitBreaker({
      name,
      random,
      trip: anyOf(
        failureRate({ threshold: 0.5, window: { time: 1_000 }, minimumCalls: 20 }),
        consecutiveFailures(5, { over: tripOver }),
      ),
      breakDuration,
    });
    const retry = retryWithBackoff(exponential({ initial: 25, cap: 100 }), { name, maxRetries: 2, random });
    const shed = loadShed(name === 'inventory' ? 'critical' : 'sheddablePlus', { name, shedder });
    const whole = withDeadline(totalDeadline, { name });

    const source = attempt(async ({ signal }): Promise<Reply> => {
      await get(urls[name], agent, signal);
      return 'answer';
    });
    const answered = source.pipe(perTry, pool, circuit, retry, shed, whole);
    // A payment can be queued for later. There is nothing to say about a stock that nobody knows.
    const queuedForLater = fallbackToValue<Reply>('fallback', { name });
    const call: Observable<Reply> = name === 'payments' ? answered.pipe(queuedForLater) : answered;

    circuit.state$.subscribe((state) => onCircuit(name, state));
    const policies = [perTry, pool, circuit, retry, shed, whole, ...(name === 'payments' ? [queuedForLater] : [])];
    for (const policy of policies) registry?.register<Policy>(policy);
    return { call, pool, circuit, shed, dispose: () => policies.forEach((policy) => policy.dispose()) };
  }

  const dependencies = { payments: protect('payments'), inventory: protect('inventory') };

  return {
    call: (backend) => firstValueFrom(dependencies[backend].call),
    status(backend) {
      const { pool, circuit, shed } = dependencies[backend];
      const { refused } = pool.metrics();
      return {
        inFlight: pool.active,
        queued: pool.queued,
        refused: {
          open: circuit.metrics().refused,
          full: refused.full + refused['queue-timeout'],
          shed: Object.values(shed.metrics().shed).reduce((sum, count) => sum + count, 0),
        },
        circuit: circuit.state,
      };
    },
    close() {
      for (const { dispose } of Object.values(dependencies)) dispose();
      shedder.dispose();
      agent.destroy();
    },
  };
}
