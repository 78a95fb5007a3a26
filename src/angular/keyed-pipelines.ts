import { untracked } from '@angular/core';
import { concat, defer, filter, map, merge, type Observable, of, Subject, switchMap } from 'rxjs';
import { show } from '../core/options.js';
import { isPipeline } from '../pipeline/part-options.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import { perKey } from '../registry/per-key.js';
import type { KeyedPolicy, PerKey } from '../registry/keyed-types.js';
import type { RequestSource } from './request-source.js';
import { throughPipeline } from './through-pipeline.js';

type Pipeline = ResiliencePipeline<unknown>;

/** A pipeline as requests go through it. */
interface RequestPipeline extends KeyedPolicy {
  readonly pipeline: Pipeline;
}

/** The pipelines by their key, and those who watch what becomes of one. */
export class KeyedPipelines {
  private readonly byKey: PerKey<RequestPipeline>;
  /** One for each pipeline: a factory may give the same one to several keys. */
  private readonly known: WeakMap<Pipeline, RequestPipeline> = new WeakMap();
  private readonly made: Subject<readonly [string, Pipeline]> = new Subject();

  constructor(
    private readonly factory: (key: string) => Pipeline,
    maxKeys: number,
  ) {
    this.byKey = perKey((key) => this.make(key), { name: 'http', maxKeys });
  }

  send(key: string, source: RequestSource): Observable<unknown> {
    return (this.byKey(key) as (source: Observable<unknown>) => Observable<unknown>)(source);
  }

  /**
   * What `read` sees of the pipeline of a key for as long as there is one, `undefined` while there is none; the present
   * value at once. It never ends by itself.
   */
  follow<T>(key: string, read: (pipeline: Pipeline) => Observable<T>): Observable<T | undefined> {
    const present = (): Pipeline | undefined => this.byKey.get(key)?.pipeline;
    const followed = (pipeline: Pipeline | undefined): Observable<T | undefined> =>
      pipeline === undefined
        ? of(undefined)
        : concat(
            read(pipeline),
            // Its streams have ended: it has left, or another one is kept in its place.
            defer(() => followed(present() === pipeline ? undefined : present())),
          );
    const later = this.made.pipe(
      filter(([name]) => name === key),
      map(([, pipeline]) => pipeline),
    );
    return merge(defer(() => of(present())), later).pipe(switchMap(followed));
  }

  dispose(): void {
    this.byKey.dispose();
  }

  private make(key: string): RequestPipeline {
    const { factory } = this;
    const pipeline = untracked(() => factory(key));
    if (!isPipeline(pipeline)) throw new TypeError(`pipeline must give a resiliencePipeline, got ${show(pipeline)}`);
    let known = this.known.get(pipeline);
    if (known === undefined) this.known.set(pipeline, (known = forRequests(pipeline)));
    this.made.next([key, pipeline]);
    return known;
  }
}

function forRequests(pipeline: Pipeline): RequestPipeline {
  const { dispose, events$, health$, name, parts } = pipeline;
  // Only requests are piped through it.
  const through = (source: Observable<never>): Observable<unknown> =>
    throughPipeline(pipeline, (source as unknown as RequestSource).sent.rules, source);
  Object.defineProperty(through, 'name', { value: name });
  return Object.assign(through, { pipeline, parts, health$, events$, dispose: () => dispose.call(pipeline) }) as unknown as RequestPipeline;
}
