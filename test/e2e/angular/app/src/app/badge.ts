import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { CircuitState, Health } from 'rxjs-resilience';

/** How something is: its health, and its circuit where it has one. */
@Component({
  selector: 'app-badge',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <span class="status" [class]="health().status">{{ health().status }}</span>
    @if (circuit(); as state) {
      <span class="circuit">circuit {{ state }}</span>
    }
  `,
})
export class Badge {
  readonly health = input.required<Health>();
  readonly circuit = input<CircuitState | undefined>();
}
