/** The fault of one request to the API server. */
export type Fault = {
  /**
   * Runs during the fault, for example to write concurrently or to kill a process: before the server gets a request that it gets late or
   * never, and otherwise after the request has taken effect.
   */
  readonly meanwhile?: () => Promise<void> | void;
} & (
  | {
      /** Forwards the request after a delay in milliseconds. */
      readonly kind: "delay";
      readonly milliseconds: number;
    }
  | {
      /**
       * `cutBefore`: closes the connection before the server gets the request; `cutAfter`: closes it after the request has taken effect,
       * without the response.
       */
      readonly kind: "cutBefore" | "cutAfter";
    }
  | {
      /** `respond`: responds without forwarding the request; `respondAfter`: replaces the response after the request has taken effect. */
      readonly kind: "respond" | "respondAfter";
      readonly status: keyof typeof refusals;
      /** Seconds, for the Retry-After header. */
      readonly retryAfter?: number;
    }
  | {
      /**
       * The request takes effect, and the client gets half of the response: then the connection is closed, or, with `shorten`, the response
       * looks complete.
       */
      readonly kind: "truncate" | "shorten";
    }
);

/** A request that arrives at the proxy. */
export interface Arrival {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** Returns the fault of each request, in the order of arrival; undefined: the request passes. */
export type FaultPlan = (arrival: Arrival) => Fault | undefined;

/** A fault, and the requests to which it applies. */
export interface FaultRule {
  readonly on: (arrival: Arrival) => boolean;
  /** The number of matching requests that pass before; default 0. */
  readonly skip?: number;
  /** The number of requests to which it then applies; default 1. */
  readonly times?: number;
  readonly fault: Fault;
}

export const reads = ({ method }: Arrival): boolean => method === "GET";

/** Requests that change or create the ConfigMap. */
export const writes = ({ method }: Arrival): boolean => method === "PATCH" || method === "POST";

/** A plan by rules: the first active rule that matches a request applies, and every matching rule counts the request. */
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

/** The refusals of an API server: reason and message of a Status. */
export const refusals = {
  409: ["Conflict", 'Operation cannot be fulfilled on configmaps "aws-auth": the object has been modified'],
  429: ["TooManyRequests", "too many requests, please try again later"],
  500: ["InternalError", "etcdserver: request timed out"],
  503: ["ServiceUnavailable", "apiserver not ready"],
  504: ["Timeout", "Timeout: request did not complete within requested timeout - context deadline exceeded"],
} as const;
