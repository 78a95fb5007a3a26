import type { Observable } from 'rxjs';
import type { Health } from '../core/health.js';
import { KeyedPipelines } from '../http/keyed-pipelines.js';
import type { PipelineEvent, ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import type { HeldClosedEvent, OverflowEvent } from '../registry/keyed-types.js';
import type { CallSource } from './fetch-call.js';
import type { FetchSetup } from './fetch-options.js';
import { throughPipeline } from './through-pipeline.js';

/** The pipelines behind a `fetch`, by their key. */
export interface FetchPipelines {
  /** How many keys there are, without the pipeline that they share where there is no place for more. */
  readonly size: number;
  /** In the order in which they came. */
  keys(): readonly string[];
  /** The pipeline of a key that is there. */
  get(key: string): ResiliencePipeline<Response> | undefined;
  /** One for all: down where every key is, degraded where one is not up. Completes on `dispose`. */
  readonly health$: Observable<Health>;
  /** What happens in all of them. While nobody subscribes, nothing is made for it. */
  readonly events$: Observable<PipelineEvent | HeldClosedEvent | OverflowEvent>;
  /** Completes the streams, and disposes every pipeline. Requests go on. */
  dispose(): void;
}

/** Keeps the pipelines, and sends calls through them. */
export class OriginPipelines implements FetchPipelines {
  private readonly byKey: KeyedPipelines<Response, CallSource>;
  readonly health$: Observable<Health>;
  readonly events$: FetchPipelines['events$'];

  constructor({ maxKeys, pipeline }: Pick<FetchSetup, 'maxKeys' | 'pipeline'>) {
    this.byKey = new KeyedPipelines({ name: 'fetch', maxKeys, pipeline, through: throughPipeline });
    const { events$, health$ } = this.byKey.policies;
    this.health$ = health$;
    this.events$ = events$ as FetchPipelines['events$'];
  }

  get size(): number {
    return this.byKey.policies.size;
  }

  keys(): readonly string[] {
    return this.byKey.policies.keys();
  }

  get(key: string): ResiliencePipeline<Response> | undefined {
    return this.byKey.get(key);
  }

  dispose(): void {
    this.byKey.dispose();
  }

  send(key: string, source: CallSource): Observable<unknown> {
    return this.byKey.send(key, source);
  }
}
