import { vi } from "vitest";
import type { AccessEntryContent } from "../../provider/accessEntries/index.ts";
import { parseMap } from "../../provider/awsAuthMap/index.ts";
import { type Claim, claimsInTags, claimTags, parseClaims, renderClaimLine } from "../../provider/claims.ts";
import type { AccessEntryApi } from "../../provider/cluster/eks/accessEntryApi.ts";
import { decide } from "../../provider/lifecycle/decide.ts";
import { entriesPlace } from "../../provider/lifecycle/places/entries.ts";
import { mapPlace } from "../../provider/lifecycle/places/map.ts";
import { decideRelease } from "../../provider/lifecycle/release.ts";
import {
  type Content,
  type Guard,
  type Leave,
  type Me,
  nothing,
  type Place,
  type PlaceName,
  type Seen,
  type Subject,
  type Want,
} from "../../provider/lifecycle/types.ts";
import { principalKey } from "../../provider/mapping/index.ts";
import { ClusterSession, Declarations } from "../../provider/session/session.ts";
import { account, devArn, type EntriesWorld, entriesWorld } from "../unit/cluster/eks/entriesWorld.ts";
import { MemoryStore } from "../unit/session/memoryStore.ts";

/** The role "dev", which has a path. */
export const dev: Subject = {
  principal: `arn:aws:iam::${account}:role/dev`,
  kind: "role",
  arn: `arn:aws:iam::${account}:role/dev`,
  principalArn: devArn,
};

/** Another role, without a path. */
export const ops: Subject = {
  principal: `arn:aws:iam::${account}:role/ops`,
  kind: "role",
  arn: `arn:aws:iam::${account}:role/ops`,
  principalArn: `arn:aws:iam::${account}:role/ops`,
};

export const me: Me = { id: "mystem00.000001", stem: "mystem00", owner: "infra/prod dev" };
export const viewers: Content = { username: "dev", groups: ["viewers"] };
export const editors: Content = { username: "dev", groups: ["editors"] };
export const admins: Content = { username: "dev", groups: ["viewers", "system:masters"] };

export const claimOf = (id: string | undefined, owner: string, of = dev): Claim => ({
  principal: of.principal,
  id,
  owner,
});
export const mine = claimOf(me.id, me.owner);
export const theirs = claimOf("theirs00.000001", "apps/prod dev");

/** Decides for the role "dev" by one place alone. */
export const decideHere =
  (place: PlaceName, content: Content, { previous, ...more }: Partial<Want> & { previous?: Content } = {}) =>
  (here: Seen) => {
    const want: Want = { content, adopt: false, ignored: [], places: [place], ...more };
    return decide(want, previous, me, { place, here, other: nothing });
  };

/** The same for a release. */
export const releaseHere =
  (place: PlaceName, previous: Content, more: Partial<Leave> = {}) =>
  (here: Seen) => {
    const leave: Leave = {
      previous,
      ignored: [],
      places: [place],
      hasFailedSuccessor: false,
      clusterMode: "API_AND_CONFIG_MAP",
      ...more,
    };
    return decideRelease(leave, me.id, { place, here, other: nothing });
  };

/** A guard that lets everything through, and remembers what it was asked. */
export function openGuard() {
  return { map: vi.fn<Guard["map"]>(), entry: vi.fn<Guard["entry"]>(async () => {}) };
}

/** What is stored of a principal, past the place. */
export interface Stored {
  readonly contents: readonly Content[];
  readonly claims: readonly Claim[];
}

/** One place of a cluster, for the tests that both places have to pass. */
export interface PlaceWorld {
  /** The place as a new run finds it. */
  place(): Place;
  /** Stores an entry as another writer does. */
  put(subject: Subject, content: Content, claim?: Claim): Promise<void>;
  /** Puts a claim in the place of the one on an entry. */
  take(subject: Subject, claim: Claim): Promise<void>;
  stored(subject: Subject): Stored;
  /** How often something was written. */
  writes(): number;
}

export const worlds: Readonly<Record<PlaceName, () => Promise<PlaceWorld>>> = {
  map: async () => mapWorld(),
  entries: async () => entryWorld(),
};

export function mapWorld(store = new MemoryStore()) {
  return {
    store,
    place: () => mapPlace(new ClusterSession(store, new Declarations())),
    put: async ({ arn }: Subject, { username, groups }: Content, claim?: Claim) => {
      const before = store.data["mapRoles"] === "[]\n" ? "" : store.data["mapRoles"];
      const entry = `- rolearn: ${arn}\n  username: ${username}\n  groups: ${JSON.stringify(groups)}\n`;
      store.foreignWrite({ mapRoles: `${before}${entry}` });
      if (claim !== undefined) {
        store.claims = [store.claims, renderClaimLine(claim)].filter(Boolean).join("\n");
      }
    },
    take: async (_subject: Subject, claim: Claim) => {
      store.foreignWrite({});
      store.claims = renderClaimLine(claim);
    },
    stored: ({ arn, principal }: Subject) => ({
      contents: parseMap(store.data)
        .mapRoles.items.filter(({ entry }) => entry.arn === arn)
        .map(({ entry: { username, groups } }) => ({ username, groups })),
      claims: parseClaims(store.claims).flatMap(({ claim }) => (claim?.principal === principal ? [claim] : [])),
    }),
    writes: () => store.writes.length,
  };
}

/** A cluster with access entries, and an API that waits for what EKS shows late only as long as a test has time. */
export async function entryWorld() {
  const world = await entriesWorld("API");
  const { aws, api } = world;
  aws.principals.create(ops.arn);
  world.clock.behind -= 30_000;
  return {
    ...world,
    place: () => entriesPlace(entrySession(api)),
    put: async ({ principalArn = "" }: Subject, { username, groups }: Content, claim?: Claim) => {
      const isAdmin = groups.includes("system:masters");
      const own = groups.filter((group) => group !== "system:masters");
      const content: AccessEntryContent = {
        principalArn,
        type: "STANDARD",
        username,
        groups: own,
        policies: [],
      };
      await api.create(content, claim === undefined ? {} : claimTags(claim));
      if (isAdmin) {
        await api.associate(principalArn, { policyArn: adminPolicyArn, scope: { type: "cluster" } });
      }
      aws.forgetCalls();
    },
    take: ({ principalArn = "" }: Subject, claim: Claim) =>
      api.tag(aws.entry("prod", principalArn)?.accessEntryArn ?? "", claimTags(claim)),
    stored: ({ principal }: Subject) => storedEntries(world, principal),
    writes: () => aws.calls.filter(({ operation }) => !/^(Describe|List|Get)/.test(operation)).length,
  };
}

export function entrySession(api: AccessEntryApi, declarations = new Declarations()): ClusterSession {
  return new ClusterSession(
    new MemoryStore(),
    declarations,
    () => {},
    async () => api,
  );
}

const adminPolicyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

function storedEntries({ aws }: EntriesWorld, principal: string): Stored {
  const entries = aws.entries("prod").filter(({ principalArn }) => principalKey(principalArn) === principal);
  return {
    contents: entries.map(({ username, kubernetesGroups, policies }) => ({
      username,
      groups: [
        ...kubernetesGroups,
        ...(policies.some(({ policyArn }) => policyArn === adminPolicyArn) ? ["system:masters"] : []),
      ],
    })),
    claims: entries.flatMap(({ tags }) => claimsInTags(tags, principal)),
  };
}
