/** Something that was read, or why it was not. */
export type ReadResult<T> =
  | { readonly value: T }
  | {
      /** A clause or a sentence without its period, with the remedy. */
      readonly unread: string;
    };
