import { from, type Observable, type Operator, type Subscriber } from 'rxjs';
import { Call } from './call.js';
import { warnOfOrder } from './order-warning.js';
import { shift, type Stage } from './stage.js';

/** Positions are bits of one number. */
const longest = 30;

/** Whether adjacent operators of ours become one subscriber. Only the test that compares both ways turns it off. */
export const fusion = { enabled: true };

/** Adjacent policies, from the source outwards, that one subscriber runs. */
export class StageList implements Operator<unknown, unknown> {
  /** Some stage wants to know of values. */
  readonly watches: boolean;
  /** Some stage asks for them, and not only whether there was one. */
  readonly asksValues: boolean;
  readonly everyValue: boolean;
  /** Bits of the stages that decide for themselves what a value is. */
  readonly judges: number;
  readonly connects: boolean;
  readonly detaches: boolean;
  /** Some stage has timers. */
  readonly arms: boolean;
  /** Some stage lets the call go on by an event that may be that of another call. */
  readonly keepsScope: boolean;
  /** What its stages are for the order of a pipe. */
  private readonly order: number;
  /** The list that was made last by joining one more: pipes that are assembled for each call make it once. */
  private joined: StageList | undefined = undefined;
  private outside: StageList | undefined = undefined;

  constructor(
    readonly stages: readonly Stage[],
    /** What it stands around is not another list of ours: that says itself whether it gets to the source. */
    readonly proper: boolean,
    /** One whose stages, all or all but the last, these are: what it wants is wanted here too. */
    inner: StageList | undefined,
  ) {
    const at = stages.length - 1;
    const { arm, connected, everyValue, first, judgesValues, keepsScope, order, seesValues, separate, value } = stages[at]!;
    const asks = first !== undefined || value !== undefined;
    this.asksValues = asks || inner?.asksValues === true;
    this.watches = asks || seesValues || inner?.watches === true;
    this.everyValue = everyValue || inner?.everyValue === true;
    this.judges = (inner?.judges ?? 0) | (judgesValues ? 1 << at : 0);
    this.connects = connected !== undefined || inner?.connects === true;
    this.detaches = separate || inner?.detaches === true;
    this.arms = arm !== undefined || inner?.arms === true;
    this.keepsScope = keepsScope || inner?.keepsScope === true;
    this.order = order | (inner?.order ?? 0);
  }

  call(destination: Subscriber<unknown>, source: Observable<unknown>): void {
    new Call(destination, source, this).start();
  }

  /** The list of this one and `stage`, where that was the last to be joined. */
  joinedWith(stage: Stage): StageList | undefined {
    const { joined, stages } = this;
    return joined !== undefined && joined.stages[stages.length] === stage ? joined : undefined;
  }

  join(stage: Stage): StageList {
    const known = this.joinedWith(stage);
    if (known !== undefined) return known;
    if ((this.order & (stage.order >> shift)) !== 0) warnOfOrder(this.stages, stage);
    return (this.joined = new StageList([...this.stages, stage], this.proper, this));
  }

  /** The same around another list. */
  get around(): StageList {
    return (this.outside ??= new StageList(this.stages, false, this));
  }
}

/** Applies a stage to a source: joins the list of an operator of ours that it stands around, or begins one. */
export function fuse<T>(source: Observable<T>, stage: Stage): Observable<T> {
  const liftable = typeof source?.lift === 'function' ? source : from(source);
  const { operator, source: further } = liftable;
  const list: unknown = operator;
  if (list instanceof StageList && further !== undefined) {
    // What was joined once has been checked; around another list it depends on that as well.
    const known = list.proper && fusion.enabled ? list.joinedWith(stage) : undefined;
    if (known !== undefined) return lift(further, known);
    if (stage.key !== undefined) refuseTwice(stage.key, liftable);
    const joined = stage.separate || list.stages.length >= longest ? undefined : list.join(stage);
    return joined !== undefined && fusion.enabled ? lift(further, joined) : lift(liftable, alone(stage).around);
  }
  return lift(liftable, alone(stage));
}

function alone(stage: Stage): StageList {
  return (stage.alone ??= new StageList([stage], true, undefined));
}

/** Also across a list that could not be joined; behind a foreign operator it cannot be seen. */
function refuseTwice(key: object, source: Observable<unknown>): void {
  for (let at = listAround(source); at !== undefined; at = listAround(at.source)) {
    if (at.list.stages.some((stage) => stage.key === key)) {
      throw new TypeError('the same bulkhead or shedder twice in one pipe would wait for itself for ever');
    }
  }
}

/** The list of ours that stands outermost around a source, and what that stands around. */
export function listAround(source: Observable<unknown>): { readonly list: StageList; readonly source: Observable<unknown> } | undefined {
  const list: unknown = source?.operator;
  const further = source?.source;
  return list instanceof StageList && further !== undefined ? { list, source: further } : undefined;
}

function lift<T>(source: Observable<unknown>, list: StageList): Observable<T> {
  return source.lift(list as Operator<unknown, T>);
}
