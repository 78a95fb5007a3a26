import { retry } from 'rxjs';
import { constant, retryBudget, retryWithBackoff } from 'rxjs-resilience';
import { type CallOptions, calls, subscribing } from '../calls.ts';
import type { Case } from '../case.ts';
import { failing } from '../sources.ts';

const fails: CallOptions = { expected: { sum: 0, fails: true } };

/** Four tries that fail while they are subscribed, no delay between them. */
export const retryCases: readonly Case[] = [
  {
    group: 'retry',
    name: 'three immediate retries of a synchronous failure',
    base: 'bare',
    contenders: () => ({
      bare: calls(subscribing(failing), fails),
      ours: calls(subscribing(failing.pipe(retryWithBackoff(constant(0), { budget: false }))), fails),
      'ours, with a budget': calls(
        subscribing(failing.pipe(retryWithBackoff(constant(0), { budget: retryBudget({ ratio: 10 }) }))),
        fails,
      ),
      rxjs: calls(subscribing(failing.pipe(retry(3))), fails),
    }),
    targets: [{ against: 'rxjs', atMost: 1 }],
  },
];
