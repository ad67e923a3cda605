import { invalid } from "./awsError.ts";

/** A page of a list, and the token for the next. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * One page of a list: 100 items, or as many as asked for, from 1 to 100 (botocore, ListAccessEntriesRequestMaxResults). A token is for
 * the list that gave it alone, and goes on after the last item even where that is gone. The texts are [inferred].
 *
 * @param list names the list: operation, cluster and filters
 * @param keyOf tells items apart, and orders them: EKS promises no order, so no test should rely on the order of creation
 */
export function pageOf<T>(
  list: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  query: URLSearchParams,
): Page<T> {
  const asked = query.get("maxResults") ?? "100";
  const most = Number(asked);
  if (!/^\d+$/.test(asked) || most < 1 || most > 100) {
    throw invalid("maxResults must be between 1 and 100");
  }
  const token = query.get("nextToken");
  const after = token === null ? "" : afterToken(token, list);
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  const page = rest.slice(0, most);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    ...(last !== undefined && rest.length > page.length ? { nextToken: tokenOf(list, last.key) } : {}),
  };
}

function tokenOf(list: string, key: string): string {
  return Buffer.from(JSON.stringify([list, key])).toString("base64url");
}

function afterToken(token: string, list: string): string {
  try {
    const [forList, key]: unknown[] = JSON.parse(Buffer.from(token, "base64url").toString());
    if (forList === list && typeof key === "string") {
      return key;
    }
  } catch {
    // Not a token of ours.
  }
  throw invalid("The nextToken parameter is not valid");
}
