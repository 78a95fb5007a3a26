/** How a call ended, as the guards hear of it. */
export const Ending = {
  /** The source completed. */
  completed: 0,
  /** An error came from further in: of the source, a refusal, an expired deadline. */
  failed: 1,
  /** The consumer unsubscribed. */
  left: 2,
  /** A deadline further out unsubscribed it. */
  cut: 3,
  /** Another copy of a hedged call was quicker. */
  lost: 4,
} as const;

export type Ending = (typeof Ending)[keyof typeof Ending];
