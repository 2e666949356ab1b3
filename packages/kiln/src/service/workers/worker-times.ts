/** How workers and those who look after them keep time, in milliseconds. Tests are faster. */
export interface WorkerTimes {
  /** Between two signs of life. */
  readonly beat: number;
  /** Silence after which a worker is dead. */
  readonly dead: number;
  /** Between two looks whether runs are to be cancelled. */
  readonly watch: number;
  /** Between two looks for runs, where nobody calls. */
  readonly poll: number;
  /** Between two rounds of the caretaker. */
  readonly round: number;
}

/** A dead worker is noticed after at most `dead` and one round; a cancel reaches a build after one `watch`. */
export const usualTimes: WorkerTimes = {
  beat: 5_000,
  dead: 20_000,
  watch: 1_000,
  poll: 1_000,
  round: 2_000,
};
