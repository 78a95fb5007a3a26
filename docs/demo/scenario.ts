export const backendNames = ['payments', 'inventory'] as const;
export type BackendName = (typeof backendNames)[number];

export const clientNames = ['bare', 'resilient'] as const;
export type ClientName = (typeof clientNames)[number];

export type PhaseName = 'healthy' | 'slow' | 'failing' | 'hanging' | 'recovering';

/** What the payments backend is like for a while; inventory is healthy throughout. */
export interface Phase {
  readonly name: PhaseName;
  /** Milliseconds. */
  readonly length: number;
}

export interface Scenario {
  readonly seed: number;
  readonly phases: readonly Phase[];
  /** Calls per second that each client makes to each backend, whatever becomes of the earlier ones. */
  readonly rate: number;
  /** Calls that a client may have on its hands at once, to both backends together. */
  readonly places: number;
  /** Milliseconds after which a caller leaves, whichever client it asked. */
  readonly patience: number;
  /** Milliseconds after which the bare client gives a request up. */
  readonly bareTimeout: number;
  /** Milliseconds that the resilient client allows for one try, and for all of them. */
  readonly tryDeadline: number;
  readonly totalDeadline: number;
  /** Milliseconds for which an open circuit stays open. */
  readonly breakDuration: number;
  /** Milliseconds over which five failures in a row open the circuit. */
  readonly tripOver: number;
  /** Milliseconds that a healthy answer takes, from and to. */
  readonly healthyTime: readonly [number, number];
  /** Milliseconds that a slow answer takes, from and to. */
  readonly slowTime: readonly [number, number];
  /** Share of its calls that the healthy payments backend fails. */
  readonly blips: number;
}

export const fullScenario: Scenario = {
  seed: 20_261_124,
  phases: [
    { name: 'healthy', length: 3_000 },
    { name: 'slow', length: 3_000 },
    { name: 'failing', length: 3_000 },
    { name: 'hanging', length: 4_000 },
    { name: 'recovering', length: 7_000 },
  ],
  rate: 100,
  places: 200,
  patience: 2_000,
  bareTimeout: 9_000,
  tryDeadline: 400,
  totalDeadline: 1_500,
  breakDuration: 500,
  tripOver: 300,
  healthyTime: [10, 30],
  slowTime: [3_000, 4_000],
  blips: 0.005,
};

/** The story for those who watch: it lasts long enough to be looked at, and then begins again. */
export const servedScenario: Scenario = {
  ...fullScenario,
  phases: [
    { name: 'healthy', length: 40_000 },
    { name: 'slow', length: 10_000 },
    { name: 'failing', length: 20_000 },
    { name: 'hanging', length: 15_000 },
    { name: 'recovering', length: 35_000 },
  ],
  rate: 40,
  breakDuration: 4_000,
};

/** The same story told in less time: fewer places too, for they have to fill up in it. The load per second stays. */
export function compressed(scenario: Scenario, factor: number): Scenario {
  const { phases, slowTime } = scenario;
  const shorter = (ms: number): number => Math.round(ms * factor);
  return {
    ...scenario,
    phases: phases.map(({ name, length }) => ({ name, length: shorter(length) })),
    places: shorter(scenario.places),
    patience: shorter(scenario.patience),
    bareTimeout: shorter(scenario.bareTimeout),
    tryDeadline: shorter(scenario.tryDeadline),
    totalDeadline: shorter(scenario.totalDeadline),
    breakDuration: shorter(scenario.breakDuration),
    tripOver: shorter(scenario.tripOver),
    slowTime: [shorter(slowTime[0]), shorter(slowTime[1])],
  };
}

/** Milliseconds from the start, `to` excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface PhaseSpan extends Span {
  readonly name: PhaseName;
}

export function phaseSpans({ phases }: Scenario): readonly PhaseSpan[] {
  let from = 0;
  return phases.map(({ name, length }) => {
    const span = { name, from, to: from + length };
    from = span.to;
    return span;
  });
}

/** The phase at a time; the last one goes on for ever. */
export function phaseAt(spans: readonly PhaseSpan[], time: number): PhaseSpan {
  return spans.find(({ to }) => time < to) ?? spans.at(-1)!;
}

export interface Windows {
  readonly before: Span;
  readonly outage: Span;
  readonly after: Span;
  readonly whole: Span;
}

/** The outage is everything between the healthy phase and the recovering one. */
export function windowsOf(scenario: Scenario): Windows {
  const spans = phaseSpans(scenario);
  const from = spans.find(({ name }) => name === 'healthy')!.to;
  const to = spans.find(({ name }) => name === 'recovering')!.from;
  const end = spans.at(-1)!.to;
  return {
    before: { from: 0, to: from },
    outage: { from, to },
    after: { from: to, to: end },
    whole: { from: 0, to: end },
  };
}
