interface SpecialMetric {
  readonly name: string;
  readonly unit: string;
  /** Besides the policy. */
  readonly labels: readonly string[];
  readonly help: string;
}

/** What is not in `metrics()` of a policy. */
export const special: Readonly<Record<'retries' | 'health' | 'call' | 'wait', SpecialMetric>> = {
  retries: {
    name: 'retries',
    unit: '{retry}',
    labels: ['result', 'cause', 'attempt'],
    help: 'What became of a try that was worth a retry: a further one, recovered, given up.',
  },
  health: {
    name: 'health',
    unit: '{health}',
    labels: ['kind'],
    help: 'Health: 1 up, 0.5 degraded, 0 down; none while it is unknown.',
  },
  call: {
    name: 'call_duration',
    unit: 's',
    labels: ['kind'],
    help: 'Seconds to the first value, or to the end without one, of calls that succeeded or failed.',
  },
  wait: {
    name: 'queue_wait',
    unit: 's',
    labels: [],
    help: 'Seconds that calls waited for the permit that they got, 0 where one was free.',
  },
};
