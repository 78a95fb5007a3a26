import { EMPTY } from 'rxjs';
import { constant } from '../src/core/backoff.js';
import { retryBudget } from '../src/core/retry-budget.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { fallbackToValue } from '../src/fallback/fallback-to.js';
import type { PolicyMode } from '../src/operator/policy-types.js';
import type { RetryOptions } from '../src/retry/retry-options.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { exhausted } from './retry-plan.js';
import { errorWith, type Picture, scenario, type Scenario } from './scenario.js';
import { type Place, watched } from './shadow-plan.js';

const expired = errorWith({ code: 'DEADLINE_EXCEEDED', started: true });

interface Changing {
  readonly title: string;
  readonly make: () => Parameters<typeof watched>[1] & Place & { update(options: { mode: PolicyMode }): void };
  readonly source: string | readonly string[];
  readonly calls: readonly Picture[];
  readonly subscriptions: readonly string[];
  /** Changes of the mode, and when. */
  readonly modes?: readonly (readonly [at: number, mode: PolicyMode])[];
  readonly would: string;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
}

/** Calls to one policy, while its mode changes. */
function changing({ calls, events, make, metrics, modes = [], source, subscriptions, title, would }: Changing): Scenario {
  return scenario({
    title,
    policies: () => watched('policy', make()),
    source,
    pipe: (source, { policy }, { index }) => {
      const change = modes[index - calls.length];
      if (change === undefined) return source.pipe(policy);
      (policy as ReturnType<Changing['make']>).update({ mode: change[1] });
      return EMPTY;
    },
    calls: [...calls, ...modes.map(([at]) => ({ call: `${at}ms ^`, sees: `${at}ms |` }))],
    subscriptions,
    health: { would },
    metrics: { policy: metrics, told: { events } },
  });
}

const deadline = (mode: PolicyMode, within: number = 3): Changing['make'] => () => withDeadline(within, { mode });
const expiries = (calls: number, expired: number, expiredOnArrival: number = 0) => ({ calls, expired, expiredOnArrival, stalled: 0 });

const deadlines: readonly Scenario[] = [
  changing({
    title: 'a deadline in shadow mode says when its time is over, and the call goes on; one that is over or left before says nothing',
    make: deadline('shadow'),
    source: ['-----a|', '-a|', '---', '--#'],
    calls: [{ call: '^', sees: '-----a|' }, { call: '-^', sees: '--a|' }, { call: '--^-!', sees: '-' }, { call: '---^', sees: '-----#' }],
    subscriptions: ['^-----!', '-^-!', '--^-!', '---^-!'],
    would: 'u',
    metrics: expiries(4, 1),
    events: ['expired started'],
  }),
  changing({
    title: 'a deadline in shadow mode makes a call for which it leaves no time',
    make: deadline('shadow', 0),
    source: '--a|',
    calls: [{ call: '^', sees: '--a|' }],
    subscriptions: ['^--!'],
    would: 'u',
    metrics: expiries(1, 0, 1),
    events: ['expired on arrival'],
  }),
  changing({
    title: 'a deadline from shadow to enforce: what runs is not cut, what comes is',
    make: deadline('shadow'),
    source: '-----a|',
    calls: [{ call: '^', sees: '-----a|' }, { call: '--^', sees: '-----#', error: expired }],
    modes: [[1, 'enforce']],
    subscriptions: ['^-----!', '--^--!'],
    would: 'u',
    metrics: expiries(2, 2),
    events: ['expired started', 'expired started'],
  }),
  ...(['shadow', 'disabled'] as const).map((mode) =>
    changing({
      title: `a deadline from enforce to ${mode}: what runs keeps the deadline that it has told to those further in`,
      make: deadline('enforce'),
      source: '-----a|',
      calls: [{ call: '^', sees: '---#', error: expired }, { call: '--^', sees: '-------a|' }],
      modes: [[1, mode]],
      subscriptions: ['^--!', '--^-----!'],
      would: 'u',
      metrics: mode === 'shadow' ? expiries(2, 2) : expiries(1, 1),
      events: mode === 'shadow' ? ['expired started', 'expired started'] : ['expired started'],
    }),
  ),
];

const retrying = (mode: PolicyMode, options: RetryOptions = {}): Changing['make'] => () =>
  retryWithBackoff({ budget: false, ...options, mode, backoff: constant(3) });

const retries: readonly Scenario[] = [
  changing({
    title: 'a retry in shadow mode says that it would try again, and the error passes at once',
    make: retrying('shadow'),
    source: '-#',
    calls: [{ call: '^', sees: '-#' }],
    subscriptions: ['^!'],
    would: 'u',
    metrics: { calls: 1, tries: 2, retries: 1, recovered: 0, ...exhausted() },
    events: ['scheduled'],
  }),
  changing({
    title: 'a retry in shadow mode uses up its budget, and would be degraded without',
    make: () => retryWithBackoff(constant(0), { mode: 'shadow', budget: retryBudget({ burst: 1, minPerSecond: 0, ratio: 0 }) }),
    source: '#',
    calls: [{ call: '-^', sees: '-#' }, { call: '--^', sees: '--#' }],
    subscriptions: ['-(^!)', '--(^!)'],
    would: 'ug',
    metrics: { calls: 2, tries: 3, retries: 1, budgetLeft: 0, ...exhausted({ budget: 1 }) },
    events: ['scheduled', 'exhausted budget'],
  }),
  changing({
    title: 'a retry from shadow to enforce: what fails from then on is tried again, also where it came before',
    make: retrying('shadow'),
    source: ['--#', '(a|)'],
    calls: [{ call: '^', sees: '-----(a|)' }],
    modes: [[1, 'enforce']],
    subscriptions: ['^-!', '-----(^!)'],
    would: 'u',
    metrics: { calls: 1, tries: 2, retries: 1, recovered: 1, ...exhausted() },
    events: ['scheduled', 'recovered'],
  }),
  changing({
    title: 'a retry from enforce to shadow: a wait that has begun ends with a try, and that is the last one',
    make: retrying('enforce', { maxRetries: 5 }),
    source: '-#',
    calls: [{ call: '^', sees: '-----#' }],
    modes: [[2, 'shadow']],
    subscriptions: ['^!', '----^!'],
    would: 'u',
    metrics: { calls: 1, tries: 3, retries: 2, recovered: 0, ...exhausted() },
    events: ['scheduled', 'scheduled'],
  }),
  changing({
    title: 'a retry from enforce to disabled: a wait that has begun ends with a try, of which nothing is counted',
    make: retrying('enforce'),
    source: ['-#', '(a|)'],
    calls: [{ call: '^', sees: '----(a|)' }],
    modes: [[2, 'disabled']],
    subscriptions: ['^!', '----(^!)'],
    would: 'u',
    metrics: { calls: 1, tries: 2, retries: 1, recovered: 0, ...exhausted() },
    events: ['scheduled'],
  }),
];

const fallback = (mode: PolicyMode): Changing['make'] => () => fallbackToValue('i', { mode }) as ReturnType<Changing['make']>;

const fallbacks: readonly Scenario[] = [
  changing({
    title: 'a fallback in shadow mode says that it would answer, and the error passes',
    make: fallback('shadow'),
    source: ['#', '(a|)'],
    calls: [{ call: '-^', sees: '-#' }, { call: '---^', sees: '---(a|)' }],
    subscriptions: ['-(^!)', '---(^!)'],
    would: 'ug-u',
    metrics: { calls: 2, used: 1, failed: 0 },
    events: ['used'],
  }),
  changing({
    title: 'a fallback from shadow to enforce answers what fails from then on, also where it came before',
    make: fallback('shadow'),
    source: '--#',
    calls: [{ call: '^', sees: '--(i|)' }],
    modes: [[1, 'enforce']],
    subscriptions: ['^-!'],
    would: 'u-g',
    metrics: { calls: 1, used: 1, failed: 0 },
    events: ['used'],
  }),
  changing({
    title: 'a fallback from enforce to shadow answers nothing from then on, and says what it would',
    make: fallback('enforce'),
    source: '--#',
    calls: [{ call: '^', sees: '--#' }],
    modes: [[1, 'shadow']],
    subscriptions: ['^-!'],
    would: 'u-g',
    metrics: { calls: 1, used: 1, failed: 0 },
    events: ['used'],
  }),
];

/** What shadow mode means to those who refuse nothing, and what becomes of calls where the mode changes. */
export const shadowChangeScenarios: readonly Scenario[] = [...deadlines, ...retries, ...fallbacks];
