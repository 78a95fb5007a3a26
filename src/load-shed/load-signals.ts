import { isObservable, type Observable } from 'rxjs';
import { refusal } from '../core/options.js';
import { LatestValue } from '../operator/latest-value.js';

/** The worst of several utilisations, 0 idle to 1 full. A signal that has said nothing yet says 0. */
export class LoadSignals {
  worst = 0;
  private started = false;
  private readonly values: number[];
  private readonly sources: readonly LatestValue[];

  constructor(signals: readonly Observable<number>[], changed: () => void) {
    this.values = signals.map(() => 0);
    this.sources = signals.map(
      (signal, i) =>
        new LatestValue(signal, (value) => {
          if (typeof value !== 'number' || Number.isNaN(value)) return;
          this.values[i] = value;
          const worst = Math.max(...this.values);
          if (worst === this.worst) return;
          this.worst = worst;
          changed();
        }),
    );
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    for (const source of this.sources) source.start();
  }

  stop(): void {
    for (const source of this.sources) source.stop();
  }
}

export function checkSignals(signals: readonly Observable<number>[]): void {
  if (!Array.isArray(signals)) throw refusal('signals', 'an array of observables', signals);
  signals.forEach((signal, i) => {
    if (!isObservable(signal)) throw refusal(`signals[${i}]`, 'an observable', signal);
  });
}
