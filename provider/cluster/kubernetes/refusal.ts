import type { MapChanges } from "../../document";
import type { AwsAuthError } from "../../errors";
import type { StoredConfigMap } from "../store";
import { contentFault, mayConcernContent, recordFault, type Verb } from "./answers";
import type { ApiConnection } from "./connection";
import type { ApiResponse } from "./sendRequest";

/** A write that the API server refused. */
interface Refusal {
  readonly fault: AwsAuthError;
  readonly response: ApiResponse;
  readonly verb: Verb;
  readonly changes: MapChanges;
  readonly base: StoredConfigMap;
}

/**
 * Tells what of a refused write the API server refuses: every write of ours, the record of claims, or what the changes say. The answer does
 * not say: a missing permission, an admission policy and a webhook word theirs alike. So the server is asked, with dry runs, until a write is stored.
 */
export class RefusalJudge {
  readonly #connection: ApiConnection;
  readonly #wouldStore: (changes: MapChanges, base: StoredConfigMap) => Promise<boolean>;
  /** Whether the server has taken a write of ours. */
  #takesWrites = false;
  /** Whether it takes the record of claims; undefined: not known yet. */
  #takesRecord: boolean | undefined;

  /** @param wouldStore asks whether a write would be stored, and stores nothing. */
  constructor(connection: ApiConnection, wouldStore: (changes: MapChanges, base: StoredConfigMap) => Promise<boolean>) {
    this.#connection = connection;
    this.#wouldStore = wouldStore;
  }

  /** Notes a write that was stored. */
  accepted({ claims }: MapChanges): void {
    this.#takesWrites = true;
    if (typeof claims === "string") {
      this.#takesRecord = true;
    }
  }

  /** The error for a write that was refused. */
  async refused({ fault, response, verb, changes, base }: Refusal): Promise<AwsAuthError> {
    if (!mayConcernContent(response)) {
      return fault;
    }
    this.#takesWrites ||= await this.#wouldStore(nothing(changes, base), base);
    if (!this.#takesWrites) {
      return fault;
    }
    if (typeof changes.claims === "string") {
      const isRefusedAlone = async () =>
        Object.keys(changes.data).length === 0 || (await this.#wouldStore({ data: changes.data }, base));
      if (this.#takesRecord === undefined && (await isRefusedAlone())) {
        this.#takesRecord = false;
      }
      if (this.#takesRecord === false) {
        return recordFault(this.#connection, response);
      }
    }
    return contentFault(this.#connection, verb, response);
  }
}

/** A write that says nothing: no change, or, where there is no ConfigMap yet, the same keys without an entry. */
function nothing({ data }: MapChanges, { version }: StoredConfigMap): MapChanges {
  return { data: version === undefined ? Object.fromEntries(Object.keys(data).map((key) => [key, "[]\n"])) : {} };
}
