/** What is used here of opossum, which brings no types. */
declare module 'opossum' {
  export interface Options {
    readonly timeout?: number | false;
    readonly capacity?: number;
    readonly volumeThreshold?: number;
    readonly resetTimeout?: number;
    readonly errorThresholdPercentage?: number;
    readonly rollingCountTimeout?: number;
    readonly rollingCountBuckets?: number;
  }

  export default class CircuitBreaker<T> {
    constructor(action: () => Promise<T>, options?: Options);
    fire(): Promise<T>;
    open(): void;
    shutdown(): void;
  }
}
