export interface LabelledId {
  /** One for all attempts, so that an earlier attempt with an unknown outcome is recognized. */
  readonly id: string;
  /** Undefined if a program without the SDK wants none. */
  readonly label: string | undefined;
}
