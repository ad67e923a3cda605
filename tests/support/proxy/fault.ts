/** What becomes of one request on its way to the API server and back. */
export type Fault = {
  /**
   * Runs in the middle of the fault: somebody else writes, or a process is killed. That is before the server gets the request where
   * it does not get it, or gets it late, and after the request took effect where it did.
   */
  readonly meanwhile?: () => Promise<void> | void;
} & (
  | {
      /** The request is forwarded after a delay, in milliseconds. */
      readonly kind: "delay";
      readonly milliseconds: number;
    }
  | {
      /** `cutBefore`: the connection breaks and the server never sees the request; `cutAfter`: it acts, and its response is lost. */
      readonly kind: "cutBefore" | "cutAfter";
    }
  | {
      /** `respond`: in the server's place, which never sees the request; `respondAfter`: in place of its response, after it acted. */
      readonly kind: "respond" | "respondAfter";
      readonly status: keyof typeof refusals;
      /** Seconds, for the Retry-After header. */
      readonly retryAfter?: number;
    }
  | {
      /**
       * The server acts, and half of its response arrives: then the connection breaks, or, where it is `shorten`, that looks like
       * all.
       */
      readonly kind: "truncate" | "shorten";
    }
);

/** A request as it arrives at the proxy. */
export interface Arrival {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** Decides on each request in the order of arrival; undefined: it passes. */
export type FaultPlan = (arrival: Arrival) => Fault | undefined;

/** A fault, and which requests it is for. */
export interface FaultRule {
  readonly on: (arrival: Arrival) => boolean;
  /** How many matching requests pass before it begins; default none. */
  readonly skip?: number;
  /** How many it then applies to; default one. */
  readonly times?: number;
  readonly fault: Fault;
}

/** Every request that only asks. */
export const reads = ({ method }: Arrival): boolean => method === "GET";

/** Every request that changes the ConfigMap, or makes it. */
export const writes = ({ method }: Arrival): boolean => method === "PATCH" || method === "POST";

/** A plan by rules: of those that are for a request the first one that is due is taken, and each counts what it is for. */
export function planOf(...rules: readonly FaultRule[]): FaultPlan {
  const counted = rules.map((rule) => ({ ...rule, seen: 0 }));
  return (arrival) => {
    const matching = counted.filter(({ on }) => on(arrival));
    for (const rule of matching) {
      rule.seen++;
    }
    return matching.find(({ seen, skip = 0, times = 1 }) => seen > skip && seen <= skip + times)?.fault;
  };
}

/** How an API server words its refusals: reason and message of a Status. */
export const refusals = {
  409: ["Conflict", 'Operation cannot be fulfilled on configmaps "aws-auth": the object has been modified'],
  429: ["TooManyRequests", "too many requests, please try again later"],
  500: ["InternalError", "etcdserver: request timed out"],
  503: ["ServiceUnavailable", "apiserver not ready"],
  504: ["Timeout", "Timeout: request did not complete within requested timeout - context deadline exceeded"],
} as const;
