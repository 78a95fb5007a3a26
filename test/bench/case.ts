/** One way of doing the work of a case. */
export interface Contender {
  /** Does it `times` times and throws where the result is not what the case expects. */
  run(times: number): Promise<void> | void;
}

export type ContenderName = string;

/** The time of ours is to be at most `atMost` of that of `against`. */
export interface Target {
  /** The name of a contender, or `cheapest peer`: the fastest of those that are neither ours nor `base`. */
  readonly against: ContenderName;
  readonly atMost: number;
  /** Whose time, where it is not that of `ours`. */
  readonly of?: ContenderName;
}

/** A row of the report: the same work by several contenders, which run by turns in one process. */
export interface Case {
  readonly group: string;
  readonly name: string;
  /** The contender to which the times of all are set in relation. */
  readonly base: ContenderName;
  /** Makes them anew: a process holds the policies of one case only. */
  readonly contenders: () => Readonly<Record<ContenderName, Contender>>;
  readonly targets: readonly Target[];
  /** Only in a clean process, where other operators of RxJS cannot matter. */
  readonly cleanOnly?: boolean;
}

export const titleOf = ({ group, name }: { readonly group: string; readonly name: string }): string => `${group}: ${name}`;
