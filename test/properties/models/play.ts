import type { End, Reaction, Script, Step } from './script.js';

/** More calls than this are not made, however consumers react. */
const most = 60;

/** Plays scripts and steps, with the policy or with its model, and writes down what can be seen. */
export abstract class Play<S> {
  /** What sources and consumers see, in order. */
  log: string[] = [];
  /** What listeners are told, in order. */
  told: string[] = [];
  protected asked = 0;

  constructor(private readonly scripts: readonly Script<S>[]) {}

  protected abstract begin(id: number, script: Script<S>): void;
  protected abstract value(id: number): void;
  protected abstract end(id: number, how: End): void;
  protected abstract leave(id: number): void;
  protected abstract set(to: S): void;
  protected abstract pass(ms: number): void;

  /** `id`: the call that a step is about. */
  follow(step: Step<S>, id: number): void {
    switch (step.do) {
      case 'call':
        return this.call();
      case 'time':
        return this.pass(step.by);
      case 'set':
        return this.set(step.to);
      case 'value':
        return this.value(id);
      case 'leave':
        return this.leave(id);
      default:
        return this.end(id, step.do);
    }
  }

  /** Everybody leaves, and whoever comes meanwhile. */
  finish(): void {
    for (let id = 0; id < this.asked; id++) this.leave(id);
  }

  protected scriptOf(id: number): Script<S> {
    return this.scripts[id % this.scripts.length]!;
  }

  /** What the consumer of `id` does in a handler. */
  protected react(id: number, reaction: Reaction<S>): void {
    switch (reaction.do) {
      case 'nothing':
        return;
      case 'leave':
        return this.leave(id);
      case 'call':
        return this.call();
      case 'leave other':
        return this.leave(id - reaction.back);
      case 'end other':
        return this.end(id - reaction.back, 'complete');
      case 'set':
        return this.set(reaction.to);
    }
  }

  private call(): void {
    if (this.asked >= most) return;
    const id = this.asked++;
    this.begin(id, this.scriptOf(id));
  }
}
