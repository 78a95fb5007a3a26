import { DestroyRef, inject, type Signal, signal, untracked } from '@angular/core';
import type { Observable } from 'rxjs';
import { checkName } from '../core/options.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import { RESILIENCE } from './resilience.js';

/** A signal of what `read` sees of the pipeline of a key, `none()` while there is none. It ends with the injector. */
export function followingSignal<T>(
  key: string,
  read: (pipeline: ResiliencePipeline<unknown>) => Observable<T>,
  none: () => T,
): Signal<T> {
  checkName('key', key);
  const seen = signal(none());
  const subscription = inject(RESILIENCE)
    .pipelines.follow(key, read)
    // A request may be what changes it, and be subscribed where nothing may be written.
    .subscribe((value) => untracked(() => seen.set(value ?? none())));
  inject(DestroyRef).onDestroy(() => subscription.unsubscribe());
  return seen.asReadonly();
}
