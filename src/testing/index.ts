export { marbles } from './marbles.js';
export type { MarbleHelpers, MarblesOptions } from './marbles-options.js';
export type { HealthSource, StateSource, StatusExpectation } from './status-marbles.js';
export { brownout, flaky, hang, outage, slow } from './sources.js';
export type { Behaviour, BrownoutOptions, OutageWindow } from './sources.js';
export type { SourceOptions } from './played.js';
export type { MakeCall } from './calls.js';
export { expired, failed, refused, type Match } from './matches.js';
export { seededRandom } from './seeded-random.js';
