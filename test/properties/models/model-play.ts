import { Play } from './play.js';
import type { End, Reaction, Script } from './script.js';

/** A call as its model sees it. */
export interface Asked {
  readonly id: number;
  readonly rank: number;
  /** When its deadline is over. */
  readonly expires: number;
  state: 'asking' | 'waiting' | 'running' | 'ended' | 'over';
  /** What its gate has decided while it was still asking: to let it in, or to turn it away. */
  early: 'go' | { readonly reason: string } | undefined;
  /** `source.subscribe` has not returned. */
  subscribing: boolean;
  /** When it began to wait, and the order in which those who do were left to their timers. */
  since: number;
  armed: number;
  /** Which reset it came after. */
  counting: number;
  permit: boolean;
  /** It only would wait, and runs meanwhile. */
  shadow: boolean;
}

/** What `ask` answers; anything else is the reason of a refusal. */
export type Answer = 'go' | 'wait' | { readonly reason: string };

/**
 * The order in which things happen to the calls of one policy: the gate settles, the consumer is notified, the source is
 * torn down, waiters are let in; the last not before the innermost `source.subscribe` on the stack has returned.
 */
export abstract class ModelPlay<S> extends Play<S> {
  now = 0;
  protected readonly calls: Asked[] = [];
  /** When each call had its first value. */
  protected readonly firstValue: Map<number, number> = new Map();
  private parked = 0;
  /** The deadline of the consumer whose handler runs. */
  private inherited = Infinity;
  /** The innermost `source.subscribe` on the stack, and whether somebody has to be let in after it. */
  private innermost: { owes: boolean } | undefined = undefined;

  protected abstract ask(call: Asked, script: Script<S>): Answer;
  /** Gives back what the call has: a permit, or a place in the queue. `well`: there was an answer. */
  protected abstract settle(call: Asked, well: boolean): void;
  /** Lets in whoever may go. */
  protected abstract serve(): void;
  /** What is due now. */
  protected abstract tick(): void;

  /** The call that `which` chooses among those that have not ended, -1 without one. */
  pick(which: number): number {
    const live = this.calls.filter((call) => call.state === 'waiting' || call.state === 'running');
    return live[which % Math.max(1, live.length)]?.id ?? -1;
  }

  protected override begin(id: number, script: Script<S>): void {
    const { rank, within } = script;
    const call: Asked = {
      id, rank, expires: within === null ? this.inherited : this.now + within,
      state: 'asking', early: undefined, subscribing: false, since: this.now, armed: 0, counting: 0, permit: false, shadow: false,
    };
    this.calls[id] = call;
    if (script.gone) call.state = 'over';
    else this.admit(call, this.ask(call, script));
  }

  protected override value(id: number): void {
    if (this.calls[id]?.state !== 'running') return;
    if (!this.firstValue.has(id)) this.firstValue.set(id, this.now);
    this.log.push(`${id} gets a value`);
    this.react(id, this.scriptOf(id).onValue);
  }

  protected override end(id: number, how: End): void {
    const call = this.calls[id];
    if (call?.state !== 'running') return;
    call.state = 'ended';
    this.settle(call, how === 'complete');
    this.log.push(how === 'complete' ? `${id} completes` : `${id} fails: down`);
    this.react(id, this.scriptOf(id).onEnd);
    this.release(call);
  }

  protected override leave(id: number): void {
    const call = this.calls[id];
    if (call === undefined || call.state === 'over') return;
    const { state } = call;
    if (state === 'ended') return this.release(call);
    call.state = 'over';
    // Who leaves while asking is settled once there is an answer.
    if (state === 'asking') return;
    if (state === 'running' && !call.subscribing) this.log.push(`${id} is torn down`);
    this.settle(call, this.firstValue.has(id));
    this.wake();
  }

  protected override pass(ms: number): void {
    this.tick();
    for (let i = 0; i < ms; i++) {
      this.now++;
      this.tick();
    }
  }

  protected override react(id: number, reaction: Reaction<S>): void {
    const { inherited } = this;
    this.inherited = this.calls[id]!.expires;
    super.react(id, reaction);
    this.inherited = inherited;
  }

  /** A waiter has its permit. */
  protected letIn(call: Asked): void {
    if (call.state === 'asking' || call.state === 'over') call.early = 'go';
    else this.alone(() => this.start(call));
  }

  /** A waiter is out of the queue and has to go. */
  protected turnAway(call: Asked, reason: string): void {
    if (call.state === 'asking' || call.state === 'over') call.early = { reason };
    else this.alone(() => this.refuse(call, reason));
  }

  private admit(call: Asked, answer: Answer): void {
    if (call.state === 'over') {
      if (typeof answer === 'object') return;
      this.settle(call, false);
      return this.wake();
    }
    const decided = answer === 'wait' ? (call.early ?? 'wait') : answer;
    if (decided === 'go') this.start(call);
    else if (decided === 'wait') this.park(call);
    else this.refuse(call, decided.reason);
  }

  private park(call: Asked): void {
    call.state = 'waiting';
    call.armed = ++this.parked;
  }

  private start(call: Asked): void {
    const { id } = call;
    const { innermost } = this;
    const own = { owes: false };
    this.innermost = own;
    call.state = 'running';
    call.subscribing = true;
    this.log.push(`${id} starts`);
    for (const what of this.scriptOf(id).opening) {
      if (what === 'value') this.value(id);
      else this.end(id, what);
    }
    call.subscribing = false;
    // It was torn down by then, or rather is now that there is something to tear down.
    if (call.state !== 'running') this.log.push(`${id} is torn down`);
    this.innermost = innermost;
    if (own.owes) this.alone(() => this.serve());
  }

  private refuse(call: Asked, reason: string): void {
    call.state = 'over';
    this.log.push(`${call.id} fails: ${reason}`);
    this.react(call.id, this.scriptOf(call.id).onEnd);
  }

  private release(call: Asked): void {
    if (call.state === 'over') return;
    call.state = 'over';
    if (!call.subscribing) this.log.push(`${call.id} is torn down`);
    this.wake();
  }

  private wake(): void {
    if (this.innermost === undefined) this.serve();
    else this.innermost.owes = true;
  }

  /** Another call goes on: it waits for no subscription that happens to be on the stack. */
  private alone(go: () => void): void {
    const { innermost } = this;
    this.innermost = undefined;
    go();
    this.innermost = innermost;
  }
}
