import type { ModelPlay } from './model-play.js';
import type { RealPlay } from './real-play.js';
import type { Step } from './script.js';

/** Lets the policy and its model do the same, and compares them after each step and after the end. */
export function inStep<S>(real: RealPlay<S>, model: ModelPlay<S>, steps: readonly Step<S>[], compare: () => void): void {
  for (const step of steps) {
    const id = 'which' in step ? model.pick(step.which) : -1;
    real.follow(step, id);
    model.follow(step, id);
    compare();
  }
  real.finish();
  model.finish();
  compare();
}
