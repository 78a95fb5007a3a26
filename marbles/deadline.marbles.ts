import { map, Observable } from 'rxjs';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { Deadline } from '../src/operator/deadline.js';
import { runInContext } from '../src/operator/context.js';
import { errorWith, scenario, type Scenario } from './scenario.js';

const expired = errorWith({ code: 'DEADLINE_EXCEEDED', started: true });
const tooLate = errorWith({ code: 'DEADLINE_EXCEEDED', started: false });

export const deadlineScenarios: readonly Scenario[] = [
  scenario({
    title: 'a call that ends in time is left alone',
    policies: () => ({ deadline: withDeadline(5) }),
    source: '        --a-|',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^----', sees: '--a-|' }],
    subscriptions: ['^---!'],
    metrics: { deadline: { calls: 1, expired: 0 } },
  }),
  scenario({
    title: 'a call that hangs is cut, and its source unsubscribed',
    policies: () => ({ deadline: withDeadline(5) }),
    source: '        --a-----------',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^---------', sees: '--a--#', error: expired }],
    subscriptions: ['^----!'],
    metrics: { deadline: { calls: 1, expired: 1, expiredOnArrival: 0, stalled: 0 } },
    health: { deadline: 'u' },
  }),
  scenario({
    title: 'what arrives a millisecond before the end still counts',
    policies: () => ({ deadline: withDeadline(5) }),
    source: '        ----(a|)',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^----', sees: '----(a|)' }],
    subscriptions: ['^---!'],
  }),
  scenario({
    title: 'a consumer that leaves takes the timer along',
    policies: () => ({ deadline: withDeadline(5) }),
    source: '        ----------',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^--!', sees: '----' }],
    subscriptions: ['^--!'],
    metrics: { deadline: { calls: 1, expired: 0 } },
  }),
  scenario({
    title: 'a deadline of 0 refuses the call on arrival and never subscribes the source',
    policies: () => ({ deadline: withDeadline(0) }),
    source: '        a|',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^--', sees: '#', error: tooLate }],
    subscriptions: [],
    metrics: { deadline: { calls: 1, expired: 0, expiredOnArrival: 1 } },
  }),
  scenario({
    title: 'until the first value: a stream may go on for as long as it likes',
    policies: () => ({ deadline: withDeadline({ within: 3, until: 'firstValue' }) }),
    source: ['        --a---b|', '----a|'],
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [
      { call: '^--------', sees: '--a---b|' },
      { call: '^--------', sees: '---#', error: expired },
    ],
    subscriptions: ['^------!', '^--!'],
  }),
  scenario({
    title: 'isValue says which value is the first',
    policies: () => ({ deadline: withDeadline({ within: 3, until: 'firstValue', isValue: (value) => value !== 's' }) }),
    source: ['        -s---', '-sa----|'],
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [
      { call: '^--------', sees: '-s-#', error: expired },
      { call: '^--------', sees: '-sa----|' },
    ],
    subscriptions: ['^--!', '^------!'],
  }),
  scenario({
    title: 'of two nested deadlines the earlier one ends the call',
    policies: () => ({ inner: withDeadline(8), outer: withDeadline(4) }),
    source: '        -----------',
    pipe: (source, { inner, outer }) => source.pipe(inner, map(String), outer),
    calls: [
      { call: '^---------', sees: '----#', error: errorWith({ code: 'DEADLINE_EXCEEDED', budget: 4, shortened: false }) },
    ],
    subscriptions: ['^---!'],
    metrics: { inner: { expired: 0 }, outer: { expired: 1 } },
  }),
  scenario({
    title: 'on a tie the outer deadline ends the call first',
    policies: () => ({ inner: withDeadline(4, { name: 'inner' }), outer: withDeadline(4, { name: 'outer' }) }),
    source: '        -----------',
    pipe: (source, { inner, outer }) => source.pipe(inner, outer),
    calls: [{ call: '^---------', sees: '----#', error: errorWith({ policy: 'outer', shortened: false }) }],
    subscriptions: ['^---!'],
    metrics: { inner: { expired: 0 }, outer: { expired: 1 } },
  }),
  scenario({
    title: 'a share of what remains',
    policies: () => ({ half: withDeadline({ share: 0.5 }), whole: withDeadline(10) }),
    source: '        -----------',
    pipe: (source, { half, whole }) => source.pipe(half, whole),
    calls: [{ call: '^---------', sees: '-----#', error: errorWith({ budget: 5, shortened: false }) }],
    subscriptions: ['^----!'],
  }),
  scenario({
    title: 'a reserve is kept back for the caller',
    policies: () => ({ most: withDeadline({ reserve: 3 }), whole: withDeadline(10) }),
    source: '        -----------',
    pipe: (source, { most, whole }) => source.pipe(most, whole),
    calls: [{ call: '^---------', sees: '-------#', error: errorWith({ budget: 7 }) }],
    subscriptions: ['^------!'],
  }),
  scenario({
    title: 'share and reserve without a deadline further out let everything pass',
    policies: () => ({ half: withDeadline({ share: 0.5, reserve: 3 }) }),
    source: '        ----------a|',
    pipe: (source, { half }) => source.pipe(half),
    calls: [{ call: '^-----------', sees: '----------a|' }],
    subscriptions: ['^----------!'],
  }),
  scenario({
    title: 'detached, the source runs on to its end while downstream goes on without it',
    policies: () => ({ deadline: withDeadline({ within: 3, onExpire: 'detach' }) }),
    source: '        ------a|',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^---------', sees: '---#', error: expired }],
    subscriptions: ['^------!'],
    metrics: { deadline: { expired: 1 } },
  }),
  scenario({
    title: 'a detached call whose consumer leaves earlier is unsubscribed as usual',
    policies: () => ({ deadline: withDeadline({ within: 3, onExpire: 'detach' }) }),
    source: '        ------a|',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^-!', sees: '---' }],
    subscriptions: ['^-!'],
  }),
  scenario({
    title: 'without a setting it enforces the deadline of the context',
    policies: () => ({ ambient: withDeadline() }),
    source: '        -----------',
    pipe: (source, { ambient }) => {
      const deadline = Deadline.after(4);
      return new Observable((subscriber) =>
        runInContext({ deadline }, () => source.pipe(ambient).subscribe(subscriber)),
      );
    },
    calls: [{ call: '^---------', sees: '----#', error: errorWith({ budget: 4, shortened: false }) }],
    subscriptions: ['^---!'],
  }),
  scenario({
    title: 'in shadow mode an expired deadline is counted and nothing is cut',
    policies: () => ({ deadline: withDeadline(3, { mode: 'shadow' }) }),
    source: '        -----a|',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^---------', sees: '-----a|' }],
    subscriptions: ['^-----!'],
    metrics: { deadline: { calls: 1, expired: 1 } },
  }),
  scenario({
    title: 'disabled, it neither decides nor counts',
    policies: () => ({ deadline: withDeadline(3, { mode: 'disabled' }) }),
    source: '        -----a|',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^---------', sees: '-----a|' }],
    subscriptions: ['^-----!'],
    metrics: { deadline: { calls: 0, expired: 0 } },
  }),
  scenario({
    title: 'a deadline beyond 24.8 days is kept',
    policies: () => ({ deadline: withDeadline(30 * 86_400_000) }),
    source: '        -',
    pipe: (source, { deadline }) => source.pipe(deadline),
    calls: [{ call: '^', sees: '2592000000ms #', error: expired }],
    subscriptions: ['^ 2591999999ms !'],
  }),
];
