import { httpResource, type HttpResourceRef } from '@angular/common/http';
import { ChangeDetectionStrategy, Component } from '@angular/core';

/** Asks for more at once than its dependency takes. */
@Component({
  selector: 'app-shelves',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <h1>Shelves</h1>
    @for (shelf of shelves; track $index) {
      <p class="shelf">{{ shelf.error() ? 'missing' : 'full' }}</p>
    }
  `,
})
export class Shelves {
  protected readonly shelves: readonly HttpResourceRef<unknown>[] = Array.from({ length: 10 }, (_, index) =>
    httpResource(() => `/api/shelves/${index}`),
  );
}
