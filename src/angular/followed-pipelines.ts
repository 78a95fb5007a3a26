import { untracked } from '@angular/core';
import { concat, defer, filter, map, merge, type Observable, of, Subject, switchMap } from 'rxjs';
import { KeyedPipelines } from '../http/keyed-pipelines.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import type { RequestSource } from './request-source.js';
import { throughPipeline } from './through-pipeline.js';

type Pipeline = ResiliencePipeline<unknown>;

/** The pipelines by their key, and those who watch what becomes of one. */
export class FollowedPipelines {
  private readonly byKey: KeyedPipelines<unknown, RequestSource>;
  private readonly made: Subject<readonly [string, Pipeline]> = new Subject();

  constructor(factory: (key: string) => Pipeline, maxKeys: number) {
    this.byKey = new KeyedPipelines({
      ...{ name: 'http', maxKeys },
      pipeline: (key) => untracked(() => factory(key)),
      through: (pipeline, source) => throughPipeline(pipeline, source.sent.rules, source),
      made: (key, pipeline) => this.made.next([key, pipeline]),
    });
  }

  send(key: string, source: RequestSource): Observable<unknown> {
    return this.byKey.send(key, source);
  }

  /**
   * What `read` sees of the pipeline of a key for as long as there is one, `undefined` while there is none; the present
   * value at once. It never ends by itself.
   */
  follow<T>(key: string, read: (pipeline: Pipeline) => Observable<T>): Observable<T | undefined> {
    const present = (): Pipeline | undefined => this.byKey.get(key);
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
}
